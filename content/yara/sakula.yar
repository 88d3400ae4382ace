/*
 * Sakula: a library beside a signed program, its packets packed with one byte.
 * Source: Dell SecureWorks, "Sakula Malware Family", 2015; CrowdStrike, 2014. The rules are our own.
 */

rule Sakula_Request
{
	meta:
		description = "a program for Windows with the request lines and the start line of Sakula"
		level = "high"
		attack = "T1071.001"
		reference = "https://attack.mitre.org/software/S0074/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$query = "imageid=%d-" ascii wide
		$page = "/viewphoto.asp?photoid=" ascii wide
		$newimage = "=%s&type=%d&resid=%d" ascii wide
		$uac = "self.exe" ascii wide
		$start = "cmd.exe /c rundll32 \"%s\" Play" ascii wide nocase
		$delete = "cmd.exe /c ping 127.0.0.1 & del /q \"%s\"" ascii wide nocase
		$media = "MicroMedia\\MediaCenter.exe" ascii wide nocase
	condition:
		uint16(0) == 0x5a4d and filesize < 3MB and
		($page or ($media and $delete) or 3 of ($query, $newimage, $uac, $start, $delete, $media))
}
