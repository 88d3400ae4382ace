/*
 * Tools that take credentials out of the memory of Windows. The rules are our own.
 */

rule Mimikatz_Commands
{
	meta:
		description = "a program for Windows, or memory, with three commands of mimikatz"
		level = "high"
		attack = "T1003.001"
		reference = "https://attack.mitre.org/software/S0002/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$sekurlsa = "sekurlsa::logonpasswords" ascii wide nocase
		$dump = "lsadump::sam" ascii wide nocase
		$sync = "lsadump::dcsync" ascii wide nocase
		$golden = "kerberos::golden" ascii wide nocase
		$debug = "privilege::debug" ascii wide nocase
		$author = "gentilkiwi" ascii wide
		$pth = "sekurlsa::pth" ascii wide nocase
	condition:
		3 of them
}
