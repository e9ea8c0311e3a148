// Double precision on arrays: Gauss-Seidel sweeps over a grid and a matrix times a vector.
#include "kernel.h"
#define SIZE 64
static double grid[SIZE][SIZE], vector[SIZE], image[SIZE];
EXPORT("run") int64_t run(int32_t n) {
    uint64_t seed = 3;
    for (int i = 0; i < SIZE; i++) {
        vector[i] = 1.0 / (i + 1);
        for (int k = 0; k < SIZE; k++) grid[i][k] = (double)(next_random(&seed) % 1000);
    }
    for (int32_t round = 0; round < n; round++) {
        for (int i = 1; i < SIZE - 1; i++) {
            for (int k = 1; k < SIZE - 1; k++) {
                grid[i][k] = 0.2 * (grid[i][k] + grid[i - 1][k] + grid[i + 1][k] + grid[i][k - 1] + grid[i][k + 1]);
            }
        }
        double norm = 0;
        for (int i = 0; i < SIZE; i++) {
            double sum = 0;
            for (int k = 0; k < SIZE; k++) sum += grid[i][k] * vector[k];
            image[i] = sum;
            norm += sum * sum;
        }
        norm = 1 / __builtin_sqrt(norm);
        for (int i = 0; i < SIZE; i++) vector[i] = image[i] * norm;
    }
    double sum = 0;
    for (int i = 0; i < SIZE; i++) sum += vector[i] * (i + 1);
    return (int64_t)(sum * 1e9);
}
