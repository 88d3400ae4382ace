/*
 * Derusbi, server variant: its handshake, and what its builds for Linux and Windows carry.
 * Sources: Novetta, "Derusbi (Server Variant) Analysis", 2014; RSA Incident Response, "Shell Crew", 2014; Fidelis,
 * "The Turbo Campaign, Featuring Derusbi for 64-bit Linux", 2016. The rules are our own.
 */

rule Derusbi_Handshake
{
	meta:
		description = "the first 64 bytes that a client of the Derusbi server sends, or its answer: a word, its complement, and the word rotated by 7 bits"
		level = "critical"
		attack = "T1205"
		reference = "https://attack.mitre.org/software/S0021/"
		author = "saker project"
		date = "2026-11-25"
	condition:
		filesize == 64 and (
			((uint32(0) ^ 0xffffffff) == uint32(4) and
			 ((uint32(0) >> 7) | ((uint32(0) << 25) & 0xffffffff)) == uint32(8)) or
			((uint32(0) ^ 0xffffffff) == uint32(12) and
			 ((uint32(0) >> 7) | ((uint32(0) << 25) & 0xffffffff)) == uint32(32)))
}

rule Derusbi_Linux
{
	meta:
		description = "a program for Linux with the shell prompt and the names of files of Derusbi"
		level = "critical"
		attack = "T1014"
		reference = "https://attack.mitre.org/software/S0021/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$prompt = "RK# \\u@\\h:\\w \\$"
		$list = "unset LS_OPTIONS;uname -a"
		$thread = "[diskio]"
		$shell = "--noprofile --norc"
		$lock = ".x11.id"
		$log = "1408.log"
		$hide = "hide_pid"
		$shown = "unhide_pid"
		$hidden = "is_hidden_pid"
	condition:
		uint32(0) == 0x464c457f and filesize < 5MB and
		($prompt or $list or 3 of ($thread, $shell, $lock, $log) or all of ($hide, $shown, $hidden))
}

rule Derusbi_Windows_Service
{
	meta:
		description = "a library for Windows that puts itself in the place of the update service, with the forged server line of Derusbi's fall-back"
		level = "high"
		attack = "T1543.003"
		reference = "https://attack.mitre.org/software/S0021/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$service = "SYSTEM\\CurrentControlSet\\Services\\wuauserv\\Parameters" ascii wide nocase
		$mark = "SOFTWARE\\Microsoft\\Rpc\\Security" ascii wide nocase
		$driver = "{93144EB0-8E3E-4591-B307-8EEBFE7DB28F}" ascii wide nocase
		$login = "/forum/login.cgi" ascii
		$photos = "/Photos/Query.cgi?loginid=" ascii
		$file = "msusb%c%c%c.hlp" ascii wide
	condition:
		uint16(0) == 0x5a4d and filesize < 3MB and ($driver or $photos or $file or ($service and $mark) or ($login and $mark))
}
