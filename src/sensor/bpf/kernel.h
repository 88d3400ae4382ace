/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few kernel types that the programs read, and of those the few fields. Offsets are found at
 * load time from the running kernel's BTF (CO-RE), so that one object serves all kernels and none
 * is needed to build it. A name that ends in ___ and a word is another form that the same type had
 * in some kernels.
 */
#pragma once

#include <linux/bpf.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;

#define READ __attribute__((preserve_access_index))

struct ns_common {
	u32 inum;
} READ;

struct uts_namespace {
	struct ns_common ns;
} READ;
struct ipc_namespace {
	struct ns_common ns;
} READ;
struct mnt_namespace {
	struct ns_common ns;
} READ;
struct net {
	struct ns_common ns;
} READ;
struct cgroup_namespace {
	struct ns_common ns;
} READ;
struct time_namespace {
	struct ns_common ns;
} READ;
struct user_namespace {
	struct ns_common ns;
} READ;
struct pid_namespace {
	struct ns_common ns;
} READ;

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct cgroup_namespace *cgroup_ns;
} READ;

struct upid {
	int nr;
	struct pid_namespace *ns;
} READ;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} READ;

typedef struct {
	u32 val;
} kuid_t;
typedef struct {
	u32 val;
} kgid_t;
typedef struct {
	u64 val; /* two u32 until 6.2: the same bytes */
} kernel_cap_t;

struct cred {
	kuid_t uid, suid, euid;
	kgid_t gid, egid;
	kgid_t sgid;
	kuid_t fsuid;
	kernel_cap_t cap_effective, cap_permitted, cap_inheritable, cap_bset, cap_ambient;
	struct user_namespace *user_ns;
} READ;

struct qstr {
	u32 len;
	const unsigned char *name;
} READ;

struct super_block {
	u32 s_dev;
	unsigned long s_magic;
} READ;

struct inode {
	unsigned short i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	u32 i_rdev;
	s64 i_size;
	s64 i_mtime_sec, i_ctime_sec; /* from 6.11 */
	u32 i_mtime_nsec, i_ctime_nsec;
} READ;

struct timespec64 {
	s64 tv_sec;
	long tv_nsec;
} READ;

struct inode___until_6_5 {
	struct timespec64 i_mtime, i_ctime;
} READ;

struct inode___from_6_6 {
	struct timespec64 __i_mtime, __i_ctime; /* i_mtime until 6.6 */
} READ;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
} READ;

struct vfsmount {
	struct dentry *mnt_root;
	int mnt_flags;
} READ;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
} READ;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} READ;

struct file {
	struct path f_path;
	struct inode *f_inode;
	unsigned int f_flags, f_mode;
	void *private_data;
} READ;

struct fs_struct {
	struct path root, pwd;
} READ;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} READ;

struct files_struct {
	struct fdtable *fdt;
} READ;

struct mm_struct {
	unsigned long arg_start, arg_end, env_start, env_end;
	struct file *exe_file;
} READ;

struct tty_struct {
	char name[64];
} READ;

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
	int group_exit_code;
	struct tty_struct *tty;
	struct pid *pids[4]; /* PIDTYPE_PGID 2, PIDTYPE_SID 3 */
} READ;

struct seccomp {
	int mode;
} READ;

struct kernfs_node {
	struct kernfs_node *parent; /* until 6.14 */
	const char *name;
	u64 id;
} READ;

struct kernfs_node___from_6_15 {
	struct kernfs_node *__parent;
} READ;

struct cgroup {
	struct kernfs_node *kn;
} READ;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} READ;

enum cgroup_subsys_id { memory_cgrp_id = 4 }; /* its value is found at load time */

struct css_set {
	struct cgroup_subsys_state *subsys[16];
	struct cgroup *dfl_cgrp;
} READ;

struct thread_info {
	u32 status;
} READ;

struct task_struct {
	struct thread_info thread_info;
	unsigned int flags;
	struct mm_struct *mm;
	int exit_code;
	unsigned int in_execve : 1;
	int pid, tgid;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	u64 start_boottime;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	kuid_t loginuid;
	unsigned int sessionid;
	struct css_set *cgroups;
	unsigned long atomic_flags; /* bit 0: PFA_NO_NEW_PRIVS */
	struct seccomp seccomp;
} READ;

struct linux_binprm {
	unsigned int secureexec : 1;
	struct file *file;
	struct cred *cred;
	int argc, envc;
	const char *filename, *interp;
	char buf[256];
} READ;

struct in6_addr {
	u8 bytes[16];
};

struct counter64 {
	s64 counter;
} READ;

struct sock_common {
	u32 skc_daddr, skc_rcv_saddr;
	u16 skc_dport, skc_num;
	unsigned short skc_family;
	unsigned long skc_flags; /* bit 1: SOCK_DONE, the other side sends no more */
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	struct counter64 skc_cookie;
} READ;

struct sock {
	struct sock_common __sk_common;
	u16 sk_type, sk_protocol;
	int sk_err;
} READ;

struct tcp_sock {
	u64 bytes_received, bytes_sent, bytes_retrans;
} READ;

struct socket {
	short type;
	struct sock *sk;
} READ;

struct filename {
	const char *name;
} READ;

struct io_cqe {
	s32 res;
} READ;

struct io_cmd_data {
	u8 data[56];
} READ;

struct io_kiocb {
	struct io_cmd_data cmd;
	u8 opcode;
	struct io_cqe cqe;
} READ;

/* What the operations keep of their arguments (in io_kiocb.cmd). */
struct io_unlink {
	int dfd;
	struct filename *filename;
} READ;
struct io_mkdir {
	int dfd;
	struct filename *filename;
} READ;
struct io_rename {
	int old_dfd, new_dfd;
	struct filename *oldpath, *newpath;
} READ;
struct io_link {
	int old_dfd, new_dfd;
	struct filename *oldpath, *newpath;
} READ;

/* The registers a system call came with (x86-64). */
struct pt_regs {
	unsigned long bx, r10, r8, r9, cx, dx, si, di, orig_ax;
} READ;

/* What the tracepoints of system calls hand over. */
struct syscall_exit {
	u64 common;
	s64 nr, result;
};

struct syscall_enter {
	u64 common;
	s64 nr;
	u64 args[6];
};

struct vm_area_struct {
	struct file *vm_file;
} READ;

struct bpf_map {
	u32 id;
} READ;

struct bpf_link {
	u32 id;
} READ;

struct bpf_iter_meta {
	struct seq_file *seq;
} READ;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} READ;

enum { PF_KTHREAD = 0x200000, FMODE_WRITE = 2, FMODE_CREATED = 0x100000 };
enum {
	S_IFMT_ = 0170000,
	S_IFSOCK_ = 0140000,
	S_IFREG_ = 0100000,
	S_IFBLK_ = 060000,
	S_IFCHR_ = 020000,
	S_IFIFO_ = 010000
};
enum { AF_UNIX_ = 1, AF_INET_ = 2, AF_INET6_ = 10, AF_PACKET_ = 17 };
enum { SOCK_DGRAM_ = 2, SOCK_RAW_ = 3 };
enum {
	TCP_ESTABLISHED_ = 1,
	TCP_SYN_SENT_ = 2,
	TCP_SYN_RECV_ = 3,
	TCP_CLOSE_ = 7,
	TCP_LISTEN_ = 10
};
enum { AT_FDCWD_ = -100, EPERM_ = 1, TMPFS_MAGIC_ = 0x01021994, PROC_MAGIC_ = 0x9fa0 };
