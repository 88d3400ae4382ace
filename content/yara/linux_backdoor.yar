/*
 * Programs for Linux that open a way in, hide themselves, or use the host's processor for others. The rules are our own.
 */

rule Linux_Preload_Rootkit
{
	meta:
		description = "a library for Linux that stands before the C library's functions for listing, and names the file that loads it everywhere"
		level = "high"
		attack = "T1574.006"
		reference = "https://attack.mitre.org/techniques/T1574/006/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$preload = "/etc/ld.so.preload"
		$next = "dlsym"
		$list = "readdir64"
		$stat = "__xstat64"
		$open = "fopen64"
		$accept = "accept"
		$pam = "pam_authenticate"
		$tcp = "/proc/net/tcp"
		$hide = /(HIDE|HIDDEN|MAGIC)_[A-Z]{2,16}/
	condition:
		uint32(0) == 0x464c457f and uint16(16) == 3 and filesize < 2MB and
		$preload and $next and 4 of ($list, $stat, $open, $accept, $pam, $tcp, $hide)
}

rule Linux_Reverse_Shell_Script
{
	meta:
		description = "a script that connects a shell to another host"
		level = "high"
		attack = "T1059.004"
		reference = "https://attack.mitre.org/techniques/T1059/004/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$device = /(ba|z|k|da)?sh\s{1,4}-i\s{0,4}(>|&>|>&)[&\s]{0,4}\/dev\/(tcp|udp)\/[\w.\-]{1,64}\/[0-9]{1,5}/
		$python = /socket\.socket\([^)]{0,80}\).{0,200}os\.dup2\(\s{0,4}s\.fileno\(\)\s{0,4},\s{0,4}0\s{0,4}\).{0,200}(pty\.spawn|subprocess\.(call|Popen|run))/s
		$perl = /use Socket;.{0,200}open\(STDIN,\s{0,4}["']>&S["']\).{0,200}exec\(["']\/bin\/(ba)?sh/s
		$php = /fsockopen\([^)]{1,100}\).{0,120}(exec|proc_open|shell_exec|system)\(["']?\/bin\/(ba)?sh/s
		$fifo = /mkfifo\s{1,4}\S{1,64}.{0,80}\/bin\/(ba)?sh\s{1,4}-i.{0,80}\b(nc|ncat|netcat|telnet)\b/
	condition:
		filesize < 1MB and any of them
}

rule Linux_Miner
{
	meta:
		description = "a program for Linux that mines for a pool"
		level = "medium"
		attack = "T1496"
		reference = "https://attack.mitre.org/techniques/T1496/"
		author = "saker project"
		date = "2026-11-25"
	strings:
		$stratum1 = "stratum+tcp://"
		$stratum2 = "stratum+ssl://"
		$donate = "donate-level"
		$algorithm1 = "cryptonight"
		$algorithm2 = "randomx"
		$method1 = "mining.subscribe"
		$method2 = "mining.authorize"
		$login = "\"method\":\"login\",\"params\":{\"login\":"
	condition:
		uint32(0) == 0x464c457f and filesize < 20MB and
		((any of ($stratum*) and (any of ($method*) or any of ($algorithm*) or $donate)) or ($login and any of ($algorithm*)))
}
