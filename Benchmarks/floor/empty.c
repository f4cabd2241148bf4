// The smallest process there is: what it takes to start and end one is the start-up floor.
int main(void) { return 0; }
