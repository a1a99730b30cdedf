/*
 * Several threads log while the level changes, for ThreadSanitizer. What reaches the descriptor
 * is whole lines.
 */
#include "daemon/base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define THREADS 4
#define EVENTS  2000

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #x);                     \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static void *
talk(void *arg)
{
	static const char *const names[] = { "a.one", "a.two", "a.three", "a.four" };
	const int *no = arg;

	for (int i = 0; i < EVENTS; i++)
		log_event(LOG_INFO, names[i % 4], "thread=%d i=%d text=%s end=1", *no, i,
		          LOGQ("x\ny"));
	log_flush();
	return NULL;
}

int
main(void)
{
	pthread_t t[THREADS];
	int no[THREADS];
	FILE *in;
	char line[4096];
	int fd = memfd_create("log", MFD_CLOEXEC), lines = 0, summed = 0;

	CHECK(fd >= 0 && !fcntl(fd, F_SETFL, O_APPEND) && dup2(fd, STDERR_FILENO) == STDERR_FILENO);
	log_start(LOG_INFO, LOG_JSON);
	for (int i = 0; i < THREADS; i++) {
		no[i] = i;
		CHECK(!pthread_create(&t[i], NULL, talk, &no[i]));
	}
	for (int i = 0; i < 1000; i++)
		log_level_set(i % 2 ? LOG_INFO : LOG_DEBUG);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	CHECK(lseek(fd, 0, SEEK_SET) == 0 && (in = fdopen(fd, "r")));
	while (fgets(line, sizeof(line), in)) {
		CHECK(!strncmp(line, "{\"time\":\"", 9) && !strcmp(line + strlen(line) - 2, "}\n"));
		lines++;
		summed += strstr(line, "log.repeated") != NULL;
	}
	CHECK(summed >= THREADS * 4 && lines >= THREADS * 4 * 10 + summed);
	fclose(in);
	printf("%d lines, %d of them sums\n", lines, summed);
	return 0;
}
