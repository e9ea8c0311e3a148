package org.sallyport.engine.threads;

/**
 * Threads of engines. They inherit nothing from the thread that happens to make them: its context class loader and
 * thread locals may be those of an application that goes before the engine does, and that a thread would keep.
 */
public final class EngineThreads {
    private EngineThreads() {}

    /** A daemon whose context class loader is that of the engine. */
    public static Thread unstarted(String name, Runnable work) {
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name(name)
                .inheritInheritableThreadLocals(false)
                .unstarted(work);
        thread.setContextClassLoader(EngineThreads.class.getClassLoader());
        return thread;
    }
}
