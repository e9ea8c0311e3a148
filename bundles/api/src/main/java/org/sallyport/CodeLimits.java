package org.sallyport;

/**
 * What machine code may take, in whole pages, with what belongs to it: trampolines, stubs, and the tables of modules
 * whose functions are compiled when they are called. Immutable and comparable. Beyond a limit, compiling or the call
 * that needs the code ends with a {@link LimitExceededException}; nothing else is affected.
 *
 * @param moduleBytes of one module, in all its forms together
 * @param engineBytes of all modules of an engine; an engine never has more than 2 GiB, whatever is allowed here
 */
public record CodeLimits(long moduleBytes, long engineBytes) {
    /** 512 MiB for a module, 2 GiB for an engine. */
    public static final CodeLimits DEFAULT = new CodeLimits(512L << 20, 2L << 30);

    public CodeLimits {
        if (moduleBytes < 0 || engineBytes < 0) {
            throw new IllegalArgumentException("negative limit: " + moduleBytes + ", " + engineBytes);
        }
    }

    public CodeLimits withModuleBytes(long moduleBytes) {
        return new CodeLimits(moduleBytes, engineBytes);
    }

    public CodeLimits withEngineBytes(long engineBytes) {
        return new CodeLimits(moduleBytes, engineBytes);
    }
}
