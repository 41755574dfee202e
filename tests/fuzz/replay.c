/*
 * Run a fuzz target over the files named: kept seeds and crashers are tests
 * of every build, clang or not.  Prints TAP.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t cap = 1 << 20, len;
		uint8_t *data = malloc(cap);

		if (!f || !data) {
			perror(argv[i]);
			return 1;
		}
		len = fread(data, 1, cap, f);
		fclose(f);
		data = realloc(data, len ? len : 1);	/* a red zone right behind it */
		LLVMFuzzerTestOneInput(data, len);
		free(data);
		printf("ok %d - %s\n", i, argv[i]);
		fflush(stdout);
	}
	printf("1..%d\n", argc - 1);
	return 0;
}
