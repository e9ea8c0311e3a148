package org.sallyport.itests.support.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * What is done with a module, or with linked ones, and how every engine says what came of it, in lines: one for each call,
 * followed by one of the digest that {@code state} gives.
 *
 * <p>A result is its type and bits in hexadecimal, {@code i64 ff}, of a NaN {@code nan}. Other ends are {@code trap} and why, in
 * words that all engines' reasons come down to ({@code memory}, {@code table}, {@code callee}, {@code zero}, {@code range},
 * {@code null}, {@code cast}, {@code array}, {@code unaligned}, {@code shared}, {@code unreachable}, {@code stack}), and {@code
 * exception} with the number of the tag and, of those with numbers only, the values. A module that cannot be instantiated leaves
 * one line.
 */
public record Plan(List<Call> calls, int functions) {
    private static final int ROUNDS = 3;

    /** @param arguments bits, as many as there are parameters */
    public record Call(String name, Signature type, long[] arguments) {
        /** {@code e0|i32,i64,f64|i64|1,2,3}, the form in which {@link NodeEngine} is told. */
        String line() {
            return name + "|" + String.join(",", type.params()) + "|" + String.join(",", type.results()) + "|"
                    + java.util.Arrays.stream(arguments).mapToObj(Long::toString).collect(Collectors.joining(","));
        }
    }

    /** Calls of all functions of the module, three times with various arguments. */
    public static Plan of(RandomModule module) {
        Random random = new Random(module.seed());
        List<Call> calls = new ArrayList<>();
        List<Signature> signatures = module.signatures();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < signatures.size(); i++) {
                boolean direct = signatures.get(i).isNumeric() && random.nextBoolean();
                Signature type = direct ? signatures.get(i) : RandomModule.ENTRY;
                calls.add(new Call((direct ? "d" : "e") + i, type, arguments(type, random)));
            }
        }
        return new Plan(calls, signatures.size());
    }

    private static long[] arguments(Signature type, Random random) {
        return type.params().stream().mapToLong(t -> switch (t) {
            case "i32" -> (int) (random.nextLong() >> random.nextInt(64));
            case "i64" -> random.nextLong() >> random.nextInt(64);
            case "f32" -> Float.floatToRawIntBits(random.nextInt(64) / 4f - 8);
            default -> Double.doubleToRawLongBits(
                    random.nextInt(4) == 0 ? random.nextGaussian() * 1e12 : random.nextInt(64) / 4.0 - 8);
        }).toArray();
    }

    /** One value as the lines have it. All NaNs are alike. */
    public static String show(String type, long bits) {
        return type + " " + switch (type) {
            case "i32" -> Integer.toHexString((int) bits);
            case "f32" -> Float.isNaN(Float.intBitsToFloat((int) bits)) ? "nan" : Integer.toHexString((int) bits);
            case "f64" -> Double.isNaN(Double.longBitsToDouble(bits)) ? "nan" : Long.toHexString(bits);
            default -> Long.toHexString(bits);
        };
    }
}
