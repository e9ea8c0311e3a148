package org.sallyport.host.core;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds one plugin: the host modules that are offered, and where its own services go. One framework is one way to
 * feed the plugin host. Thread-safe; called without a lock.
 */
public interface Surroundings {
    /**
     * Looks at host modules until the watch is closed. Those that are there are told before this returns.
     *
     * @param wish only those that match what it asks for <em>and</em> what is granted are told; others must not even be
     *     looked at
     * @param listener may be called by any thread, also before this returns
     */
    AutoCloseable watch(ModuleWish wish, Listener listener);

    /** A host module that matches what is asked for, granted or not: for a message. Null if there is none. */
    @Nullable HostOffer any(ModuleWish wish);

    /** What people make who grant something, for messages. */
    default String aGrant() {
        return "a grant";
    }

    /**
     * An interface that the plugin offers.
     *
     * @throws ContractNotSeenException if there is none; its message tells the operator what to do
     */
    Class<?> contract(String name);

    /** Offers a service of the plugin's. */
    Registration offer(String contract, Object service, Map<String, Object> properties);

    /** Is told of host modules. */
    interface Listener {
        void added(HostOffer offer);

        /** Of properties, or of the order. */
        void changed();

        /** From now on it is not called. */
        void removed(HostOffer offer);
    }

    /** What is offered, until it is withdrawn. */
    interface Registration {
        void update(Map<String, Object> properties);

        /** May be called when the framework has gone. */
        void withdraw();
    }
}
