// SPDX-License-Identifier: Apache-2.0
// The smallest program there is to start.

int main(void)
{
	return 0;
}
