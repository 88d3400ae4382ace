rule Printed_In_A_Report
{
	strings:
		$a = "LxMain"
		$b = "execve"
	condition:
		uint32(0) == 0x4464c457f and all of them
}
rule Both_Magic_Numbers
{
	strings:
		$a = "some text"
	condition:
		uint16(0) == 0x5a4d and filesize < 1MB and uint32(0) == 0x464c457f and $a
}
rule More_Than_There_Are
{
	strings:
		$x1 = "first"
		$x2 = "second"
	condition:
		3 of ($x*)
}
rule Slow
{
	strings:
		$short = "cmd"
	condition:
		$short and for all i in (1..#short) : (@short[i] > 100)
}
