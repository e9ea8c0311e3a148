package org.sallyport.itests.support.random;

import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Immediates of {@code i8x16.shuffle}: patterns that machines have instructions for, and any. */
final class Shuffles {
    private static final int KINDS = 9;

    private Shuffles() {}

    /** Sixteen numbers, each with a blank in front. */
    static String any(Random random) {
        int width = 1 << random.nextInt(4);
        int a = random.nextInt(16 / width);
        int rotation = random.nextInt(32);
        int base = random.nextInt(2) * 16;
        int kind = random.nextInt(KINDS);
        int[] group = random.ints(16 / width, 0, 32 / width).toArray();
        int[] word = random.ints(4, 0, 4).toArray();
        boolean high = random.nextBoolean();
        return IntStream.range(0, 16).map(i -> switch (kind) {
            case 0 -> base + a * width + i % width; // one lane everywhere
            case 1 -> i + rotation & 31; // both operands, shifted
            case 2 -> (i / width % 2 * 16 + i / (2 * width) * width + i % width + (high ? 8 : 0)) & 31; // interleaved
            case 3 -> base + (i / width * width + width - 1 - i % width); // reversed within lanes
            case 4 -> group[i / width] * width + i % width; // any lanes
            case 5 -> random.nextInt(32);
            case 6 -> i + (group[i / width] & 1) * 16; // blended
            case 7 -> i / 8 == (high ? 1 : 0) ? base + i / 8 * 8 + word[i / 2 % 4] * 2 + i % 2 : base + i; // words of a half
            default -> 2 * width * (i / width) % 32 + i % width + (high ? width : 0) & 31; // every other lane
        }).mapToObj(i -> " " + i).collect(Collectors.joining());
    }
}
