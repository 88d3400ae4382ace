// SPDX-License-Identifier: Apache-2.0
// Gives every stored input of a folder to a fuzz target, as an ordinary test: replay FOLDER.

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

/* Exactly as many bytes as the input has, so that a sanitizer sees every read past its end. */
static int replay(const char *folder, const char *name)
{
	static uint8_t buffer[INPUT_MAX];
	char path[4096];
	uint8_t *bytes;
	size_t size;
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "re");
	if (!f)
		return -1;
	size = fread(buffer, 1, sizeof buffer, f);
	fclose(f);
	bytes = malloc(size);
	for (size_t i = 0; i < size; i++)
		bytes[i] = buffer[i];
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return 0;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **files = NULL;
	int n = argc == 2 ? scandir(argv[1], &files, is_file, alphasort) : -1, failed = 0;

	if (n < 1) {
		fprintf(stderr, "replay: no stored inputs in '%s'\n", argc == 2 ? argv[1] : "");
		return 2;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		int result = replay(argv[1], files[i]->d_name);

		failed += result != 0;
		printf("%sok %d - %s\n", result ? "not " : "", i + 1, files[i]->d_name);
		fflush(stdout);
		free(files[i]);
	}
	free(files);
	return failed ? 1 : 0;
}
