rule Elf_Below_A_Megabyte
{
	strings:
		$a = "LxMain"
	condition:
		uint32(0) == 0x464c457f and filesize < 1MB and $a
}
