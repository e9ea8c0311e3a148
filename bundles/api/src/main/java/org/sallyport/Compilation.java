package org.sallyport;

/**
 * When an engine compiles the functions of a module; always after {@link Engine#compile} has validated all of it. The
 * results of calls do not depend on it. A module that comes from the {@linkplain Engine#codeCache code cache}, or from
 * {@link Engine#deserialize}, is whole from the beginning.
 */
public enum Compilation {
    /** All of them, before {@link Engine#compile} returns. The fastest code, fed to the code cache. */
    EAGER,

    /**
     * Each when it is first called, by the thread that calls it. The code is a little slower, since calls within the
     * module go by a table; what is never called costs nothing. A function that cannot be compiled ends the call that
     * needed it with the exception that {@code compile} would have thrown. Nothing is put into the code cache.
     */
    LAZY,

    /**
     * At first as {@link #LAZY}; meanwhile threads of low priority, {@link Config#compileThreads} of them for all
     * modules of the engine, compile the whole module. When they are done, calls of its functions run that code, and
     * the code cache gets it. It is compiled within {@link Config#compileLimits}, counted from when it begins. What
     * fails there is logged as a warning and is no fault of any call: the module stays lazy. The work ends when the
     * engine closes, and when the module is closed and no store uses it any more; then nothing is kept of it.
     */
    BACKGROUND
}
