/*
 * China Chopper: the part on the server is one line of script that runs what a request brings.
 * Source: FireEye, "Breaking Down the China Chopper Web Shell", 2013. The rules are our own.
 */

rule China_Chopper_ASPX
{
	meta:
		description = "a page for ASP.NET that evaluates an item of the request as JScript without checks"
		level = "critical"
		attack = "T1505.003"
		reference = "https://attack.mitre.org/software/S0020/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$language = /<%@\s{0,8}Page\s{1,8}Language\s{0,4}=\s{0,4}["']?(Jscript|javascript)["']?/ nocase
		$eval = /eval\s{0,8}\(\s{0,8}(Request|System\.Web\.HttpContext\.Current\.Request)(\.Item|\.Form|\.QueryString)?\s{0,4}[\[\(]\s{0,4}["'][^"'\r\n]{1,64}["']\s{0,4}[\]\)]/ nocase
		$unsafe = /,\s{0,4}["']unsafe["']\s{0,4}\)/ nocase
	condition:
		filesize < 200KB and $eval and ($unsafe or $language)
}

rule China_Chopper_ASP
{
	meta:
		description = "a page for ASP that evaluates or executes what the request says"
		level = "critical"
		attack = "T1505.003"
		reference = "https://attack.mitre.org/software/S0020/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$run = /<%\s{0,16}(eval|execute|executeglobal)\s{0,4}\(?\s{0,4}request(\.form|\.querystring|\.item)?\s{0,4}\(\s{0,4}(["'][^"'\r\n]{1,64}["']|chr\(\d{1,3}\)|\d{1,5})\s{0,4}\)/ nocase
	condition:
		filesize < 200KB and $run
}

rule China_Chopper_PHP
{
	meta:
		description = "a script for PHP that evaluates a field of the request"
		level = "critical"
		attack = "T1505.003"
		reference = "https://attack.mitre.org/software/S0020/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$open = "<?php" nocase
		$run = /(@\s{0,4})?(eval|assert)\s{0,8}\(\s{0,8}(base64_decode\s{0,4}\(\s{0,4}|stripslashes\s{0,4}\(\s{0,4})?\$(_POST|_GET|_REQUEST|_COOKIE|_SERVER)\s{0,4}[\[\{]\s{0,4}["']?[\w\-]{1,64}["']?\s{0,4}[\]\}]/ nocase
	condition:
		filesize < 500KB and ($open or uint16(0) == 0x3f3c) and $run
}

rule China_Chopper_Client_Message
{
	meta:
		description = "what the client of China Chopper sends: a command between its two marks, or the code that decodes its fields"
		level = "high"
		attack = "T1071.001"
		reference = "https://attack.mitre.org/software/S0020/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$begin = "echo [S]"
		$end = "echo [E]"
		$fields = /[&?]z1=[A-Za-z0-9+%\/=]{8,4096}&z2=[A-Za-z0-9+%\/=]{4}/
		$caidao = /=(@|%40)eval(\(|%28)(base64_decode|get_magic_quotes_gpc|Response)/ nocase
	condition:
		filesize < 5MB and (($begin and $end) or $caidao or $fields)
}
