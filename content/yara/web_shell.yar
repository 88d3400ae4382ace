/*
 * Web shells in general: scripts that hand what a request says to a shell or to the language itself.
 * The rules are our own.
 */

rule Web_Shell_PHP_Command
{
	meta:
		description = "a script for PHP that gives a field of the request to a shell"
		level = "high"
		attack = "T1505.003"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$open = "<?php" nocase
		$run = /\b(system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec)\s{0,8}\(\s{0,8}(\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[|base64_decode\s{0,4}\(\s{0,4}\$_(POST|GET|REQUEST|COOKIE))/ nocase
		$tick = /`\s{0,8}\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[/ nocase
	condition:
		filesize < 1MB and ($open or uint16(0) == 0x3f3c) and ($run or $tick)
}

rule Web_Shell_PHP_Unpacked_In_Memory
{
	meta:
		description = "a script for PHP that evaluates a text after several layers of packing"
		level = "high"
		attack = "T1027"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$chain = /(eval|assert)\s{0,4}\(\s{0,4}(gzinflate|gzuncompress|str_rot13|strrev|gzdecode)\s{0,4}\(\s{0,4}((gzinflate|gzuncompress|str_rot13|strrev|gzdecode)\s{0,4}\(\s{0,4}){0,6}base64_decode\s{0,4}\(/ nocase
		$replace = /preg_replace\s{0,4}\(\s{0,4}["']([\/#~]).{0,40}[\/#~][a-z]{0,4}e[a-z]{0,4}["']\s{0,4},\s{0,4}\$_(POST|GET|REQUEST|COOKIE)/ nocase
		$made = /create_function\s{0,4}\(\s{0,4}["'][^"']{0,32}["']\s{0,4},\s{0,4}(base64_decode\s{0,4}\(\s{0,4})?\$_(POST|GET|REQUEST|COOKIE)/ nocase
	condition:
		filesize < 2MB and any of them
}

rule Web_Shell_JSP_Command
{
	meta:
		description = "a page for Java that starts a program that the request names"
		level = "high"
		attack = "T1505.003"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$page1 = "<%@ page" nocase
		$page2 = "<%@page" nocase
		$page3 = "</jsp:" nocase
		$direct = /getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(\s{0,4}request\s{0,4}\.\s{0,4}getParameter/ nocase
		$runtime = "getRuntime()" nocase
		$builder = "ProcessBuilder" nocase
		$parameter = /String\s{1,8}(cmd|command|c|exec)\s{0,8}=\s{0,8}request\s{0,4}\.\s{0,4}getParameter/ nocase
		$loader = /defineClass\s{0,4}\(/
		$decoded = /base64[A-Za-z.() ]{0,40}decode[A-Za-z]{0,12}\(\s{0,4}request\s{0,4}\.\s{0,4}getParameter/ nocase
	condition:
		filesize < 500KB and ($direct or (any of ($page*) and (($parameter and ($runtime or $builder)) or ($loader and $decoded))))
}

rule Web_Shell_ASPX_Command
{
	meta:
		description = "a page for ASP.NET that starts a command processor with what the request says"
		level = "high"
		attack = "T1505.003"
		reference = "https://attack.mitre.org/techniques/T1505/003/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$page = /<%@\s{0,8}(Page|Import|WebHandler)/ nocase
		$start = /ProcessStartInfo\b/
		$processor1 = "cmd.exe" nocase
		$processor2 = "\"cmd\"" nocase
		$request = /Request\s{0,4}(\.Form|\.QueryString|\.Params|\.Item)?\s{0,4}[\[\(]\s{0,4}["']/ nocase
		$out = "RedirectStandardOutput" nocase
	condition:
		filesize < 500KB and $page and $start and any of ($processor*) and $out and $request
}
