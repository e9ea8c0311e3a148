package org.sallyport.text.wast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a script needs of an engine. All instances of one host can import from each other. A host offers the module
 * {@code spectest} of the specification's testsuite to its modules, and is used by one thread.
 *
 * <p>Failures are those of the API: {@link org.sallyport.MalformedModuleException}, {@link
 * org.sallyport.InvalidModuleException}, {@link org.sallyport.LinkException}, {@link org.sallyport.TrapException}. What
 * the host cannot do at all is {@link org.sallyport.UnsupportedFeatureException} or {@link
 * UnsupportedOperationException}; the report counts it apart.
 *
 * @param <M> a module ready to be instantiated
 * @param <I> an instance
 */
public interface ScriptHost<M, I> extends AutoCloseable {

    /** Loads, validates and compiles. */
    M compile(byte[] binary);

    I instantiate(M module);

    /** Makes the exports of an instance importable from {@code name}; a later one of the same name replaces it. */
    void register(String name, I instance);

    List<Value> invoke(I instance, String function, List<Value> arguments);

    Value get(I instance, String global);

    /** Looks after a command whether the host's own invariants hold; returns what is wrong, or null. */
    default @Nullable String check() {
        return null;
    }

    /**
     * A host for another thread, which can import the same shared memories.
     *
     * @throws UnsupportedOperationException if there is no such thing
     */
    default ScriptHost<M, I> fork() {
        throw new UnsupportedOperationException("threads in scripts");
    }

    /** Brings an instance of the host that this one was forked from. */
    default I share(I instance) {
        throw new UnsupportedOperationException("threads in scripts");
    }

    @Override
    default void close() {}
}
