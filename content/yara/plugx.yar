/*
 * PlugX: a signed program, a library beside it that it loads, and a packed file, together.
 * Source: CIRCL, TR-12, "Analysis of a PlugX malware variant", 2013. The rules are our own.
 */

rule PlugX_Plugin_Names
{
	meta:
		description = "the log file, or three of the class names, of PlugX, in a program or in memory"
		level = "high"
		attack = "T1574.001"
		reference = "https://attack.mitre.org/software/S0013/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$log = "\\SxS\\bug.log" ascii wide nocase
		$boot = "%ALLUSERSPROFILE%\\SxS" ascii wide nocase
		$plugin1 = "XPlugDisk.cpp" ascii wide
		$plugin2 = "XPlugKeyLogger.cpp" ascii wide
		$plugin3 = "XPlugNethood.cpp" ascii wide
		$plugin4 = "XPlugNetstat.cpp" ascii wide
		$plugin5 = "XPlugPortMap.cpp" ascii wide
		$plugin6 = "XPlugProcess.cpp" ascii wide
		$plugin7 = "XPlugRegedit.cpp" ascii wide
		$plugin8 = "XPlugScreen.cpp" ascii wide
		$plugin9 = "XPlugService.cpp" ascii wide
		$plugin10 = "XPlugShell.cpp" ascii wide
	condition:
		($log and $boot) or 3 of ($plugin*)
}
