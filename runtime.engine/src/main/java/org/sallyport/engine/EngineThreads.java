package org.sallyport.engine;

/**
 * Threads of engines. They inherit nothing from the thread that happens to make them: its context class loader and
 * thread locals may be those of an application that goes before the engine does, and that a thread would keep.
 */
final class EngineThreads {
    private EngineThreads() {}

    /** A daemon whose context class loader is that of the engine. */
    static Thread unstarted(String name, Runnable work) {
        return unstarted(name, work, EngineThreads.class.getClassLoader());
    }

    /** A daemon that does not keep the engine's class loader either, if its work does not. */
    static Thread unstartedApart(String name, Runnable work) {
        return unstarted(name, work, ClassLoader.getSystemClassLoader());
    }

    private static Thread unstarted(String name, Runnable work, ClassLoader context) {
        Thread thread = Thread.ofPlatform()
                .daemon()
                .name(name)
                .inheritInheritableThreadLocals(false)
                .unstarted(work);
        thread.setContextClassLoader(context);
        return thread;
    }
}
