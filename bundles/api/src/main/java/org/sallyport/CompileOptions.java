package org.sallyport;

/**
 * Settings that change the emitted code; part of cache keys.
 *
 * @param explicitBoundsChecks compare and mask instead of relying on guard pages
 * @param optimize run the optimizing passes; without them the code is a straight translation (an oracle for tests)
 * @param verify check the IR between passes and the register allocation (slow; for tests)
 * @param fuel count the instructions that guests execute ({@link Config#withFuel})
 * @param deterministicVectors relaxed vector instructions give the same on all machines ({@link
 *     Config#withDeterministicVectors})
 */
public record CompileOptions(
        boolean explicitBoundsChecks, boolean optimize, boolean verify, boolean fuel, boolean deterministicVectors) {
    public static final CompileOptions DEFAULT = new CompileOptions(false, true, false);

    /** Without fuel, relaxed vectors as it suits the machine. */
    public CompileOptions(boolean explicitBoundsChecks, boolean optimize, boolean verify) {
        this(explicitBoundsChecks, optimize, verify, false, false);
    }

    public CompileOptions withExplicitBoundsChecks(boolean on) {
        return new CompileOptions(on, optimize, verify, fuel, deterministicVectors);
    }

    public CompileOptions withOptimize(boolean on) {
        return new CompileOptions(explicitBoundsChecks, on, verify, fuel, deterministicVectors);
    }

    public CompileOptions withVerify(boolean on) {
        return new CompileOptions(explicitBoundsChecks, optimize, on, fuel, deterministicVectors);
    }

    public CompileOptions withFuel(boolean on) {
        return new CompileOptions(explicitBoundsChecks, optimize, verify, on, deterministicVectors);
    }

    public CompileOptions withDeterministicVectors(boolean on) {
        return new CompileOptions(explicitBoundsChecks, optimize, verify, fuel, on);
    }
}
