// SPDX-License-Identifier: Apache-2.0
// A name is asked for and answered, over UDP and TCP, in a network of its own.
// event: dns_query dns.question.name=evil.example dns.question.type=A
// event: dns_answer dns.question.name=evil.example dns.response_code=NOERROR dns.resolved_ip~192.0.2.7
// event: dns_query dns.question.name=tcp.example

#include "action.h"

#include <net/if.h>

static const unsigned char answer[] = {0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 4, 'e', 'v',
	'i', 'l', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0,
	60, 0, 4, 192, 0, 2, 7};
enum { QUESTION = 30 };

static void loopback_up(void)
{
	struct ifreq request = {.ifr_flags = IFF_UP, .ifr_name = "lo"};

	must(!ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &request));
}

static void serve(int server)
{
	char buffer[512];
	struct sockaddr_in from;
	socklen_t n = sizeof from;

	must(recvfrom(server, buffer, sizeof buffer, 0, (void *)&from, &n) == QUESTION);
	must(sendto(server, answer, sizeof answer, 0, (void *)&from, n) == sizeof answer);
}

static void ask_by_tcp(void)
{
	struct sockaddr_in address = loopback(53);
	unsigned char question[2 + QUESTION] = {0, QUESTION - 1};
	int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);

	must(!bind(listener, (void *)&address, sizeof address) && !listen(listener, 1));
	must(!connect(client, (void *)&address, sizeof address));
	memcpy(question + 2, answer, 12);
	question[4] = 1; /* a question */
	question[5] = 0;
	question[2 + 7] = 0; /* without an answer */
	memcpy(question + 14, "\3tcp\7example\0\0\1\0\1", 17);
	must(write(client, question, 2 + QUESTION - 1) == 2 + QUESTION - 1);
}

int main(void)
{
	struct sockaddr_in address = loopback(53);
	unsigned char question[QUESTION];
	int server, client;
	char buffer[512];

	skip_unless(!unshare(CLONE_NEWNET));
	loopback_up();
	server = socket(AF_INET, SOCK_DGRAM, 0);
	client = socket(AF_INET, SOCK_DGRAM, 0);
	must(!bind(server, (void *)&address, sizeof address));
	memcpy(question, answer, QUESTION);
	question[2] = 1;
	question[3] = 0;
	question[7] = 0;
	must(sendto(client, question, QUESTION, 0, (void *)&address, sizeof address) == QUESTION);
	serve(server);
	must(recv(client, buffer, sizeof buffer, 0) == sizeof answer);
	ask_by_tcp();
	usleep(100000);
	return 0;
}
