package org.sallyport.spi;

/**
 * Settings that change the emitted code; part of cache keys.
 *
 * @param explicitBoundsChecks compare and mask instead of relying on guard pages
 * @param optimize run the optimizing passes; without them the code is a straight translation (an oracle for tests)
 * @param verify check the IR between passes and the register allocation (slow; for tests)
 */
public record CompileOptions(boolean explicitBoundsChecks, boolean optimize, boolean verify) {
    public static final CompileOptions DEFAULT = new CompileOptions(false, true, false);

    public CompileOptions withExplicitBoundsChecks(boolean on) {
        return new CompileOptions(on, optimize, verify);
    }

    public CompileOptions withOptimize(boolean on) {
        return new CompileOptions(explicitBoundsChecks, on, verify);
    }

    public CompileOptions withVerify(boolean on) {
        return new CompileOptions(explicitBoundsChecks, optimize, on);
    }
}
