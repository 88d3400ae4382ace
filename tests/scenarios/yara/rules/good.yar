rule Evaluates_Request
{
	meta:
		description = "a script that runs what the request says"
		level = "high"
		attack = "T1505.003"
	strings:
		$php = /eval\s*\(\s*\$_(POST|GET|REQUEST)\s*\[/ nocase
	condition:
		filesize < 64KB and $php
}
rule Script_In_Uploads
{
	condition:
		extension == ".php" and filepath endswith "uploads"
}
