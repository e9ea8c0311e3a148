package org.sallyport;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sallyport.wasm.Feature;

/**
 * Settings of an engine. Immutable and comparable, so that a configuration can be part of a cache key; change it with
 * the {@code with} methods.
 *
 * @param features proposals that modules may use
 * @param limits what the loader refuses
 * @param compile what the compiler does
 * @param compileLimits what compiling a module may take
 * @param codeLimits what the machine code of modules may take
 * @param compileThreads threads that compile one module; 0 means one per processor
 * @param compilation when functions are compiled
 * @param defaultLimits limits of a store that is made without its own
 * @param engineLimits what all stores and modules of the engine may take together
 * @param cache where compiled code is kept between runs; null: nowhere
 * @param backEnd what runs the guests
 */
public record Config(
        Set<Feature> features,
        LoadLimits limits,
        CompileOptions compile,
        CompileLimits compileLimits,
        CodeLimits codeLimits,
        int compileThreads,
        Compilation compilation,
        StoreLimits defaultLimits,
        EngineLimits engineLimits,
        @Nullable CacheConfig cache,
        BackEndKind backEnd) {

    public Config {
        features = Set.copyOf(features);
        Objects.requireNonNull(compilation, "compilation");
        Objects.requireNonNull(codeLimits, "codeLimits");
        Objects.requireNonNull(engineLimits, "engineLimits");
        Objects.requireNonNull(backEnd, "backEnd");
        if (compileThreads < 0) {
            throw new IllegalArgumentException("compileThreads: " + compileThreads);
        }
    }

    /** WebAssembly 3.0 and the older exceptions, which published modules use; guard pages, all optimizations, no cache. */
    public static Config defaults() {
        return new Config(
                usualFeatures(),
                LoadLimits.DEFAULT,
                CompileOptions.DEFAULT,
                CompileLimits.DEFAULT,
                CodeLimits.DEFAULT,
                0,
                Compilation.EAGER,
                StoreLimits.DEFAULT,
                EngineLimits.DEFAULT,
                null,
                BackEndKind.AUTOMATIC);
    }

    private static Set<Feature> usualFeatures() {
        EnumSet<Feature> set = EnumSet.noneOf(Feature.class);
        for (Feature feature : Feature.values()) {
            if (feature.isStandard() || feature == Feature.LEGACY_EXCEPTIONS || feature == Feature.THREADS) {
                set.add(feature);
            }
        }
        return set;
    }

    public Config withFeature(Feature feature) {
        EnumSet<Feature> set = features.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(features);
        set.add(feature);
        return new Config(
                set, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withoutFeature(Feature feature) {
        EnumSet<Feature> set = features.isEmpty() ? EnumSet.noneOf(Feature.class) : EnumSet.copyOf(features);
        set.remove(feature);
        return new Config(
                set, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withLimits(LoadLimits limits) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withCompile(CompileOptions compile) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withCompileLimits(CompileLimits compileLimits) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withCodeLimits(CodeLimits codeLimits) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withExplicitBoundsChecks(boolean on) {
        return withCompile(compile.withExplicitBoundsChecks(on));
    }

    /**
     * Counts what guests execute, so that stores and calls can be given so much and no more ({@link StoreLimits#fuel},
     * {@link CallContext#withFuel}). One unit of fuel is one instruction; docs/fuel.md says which count, and when. The
     * number depends on the module and its input alone: not on the compiler's settings, on when functions are compiled
     * or on what else runs. Counting costs a few per cent of a guest's speed; engines that do not count pay nothing.
     */
    public Config withFuel(boolean on) {
        return withCompile(compile.withFuel(on));
    }

    /**
     * Gives relaxed vector instructions the results of the deterministic profile (WebAssembly 3.0, appendix A.6), the same on all
     * machines. Otherwise they give what the CPU gives at once: docs/decisions/relaxed-vectors.md has both. All other
     * instructions are deterministic anyway, but for the bits of NaNs.
     */
    public Config withDeterministicVectors(boolean on) {
        return withCompile(compile.withDeterministicVectors(on));
    }

    public Config withCompileThreads(int compileThreads) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withCompilation(Compilation compilation) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    /** {@link Compilation#LAZY}, or {@link Compilation#EAGER} again. */
    public Config withLazy(boolean lazy) {
        return withCompilation(lazy ? Compilation.LAZY : Compilation.EAGER);
    }

    public Config withDefaultLimits(StoreLimits defaultLimits) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    public Config withEngineLimits(EngineLimits engineLimits) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    /**
     * Keeps compiled code between runs. With {@link Compilation#LAZY} an engine takes code from the cache, but puts
     * none into it; with {@link Compilation#BACKGROUND} it does when the module is whole.
     *
     * @param cache null: none
     */
    public Config withCache(@Nullable CacheConfig cache) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }

    /** Says what runs the guests, for example because both are to be compared; {@link Engine#backEnd} says what it is. */
    public Config withBackEnd(BackEndKind backEnd) {
        return new Config(
                features, limits, compile, compileLimits, codeLimits, compileThreads, compilation,
                defaultLimits, engineLimits, cache, backEnd);
    }
}
