package org.sallyport.engine;

import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.sallyport.engine.threads.JavaStack;

/**
 * What one engine has made of interfaces that instances are bound to. It names classes of the interface's loader and of
 * the engine's, and must keep neither of them. So it is kept
 *
 * <ul>
 * <li>by this object, if the engine's loader keeps the interface's anyway, or that one is of the JDK;
 * <li>by the interface (in a {@link ClassValue}), if its loader keeps the engine's anyway;
 * <li>where the two do not know each other, by the objects that were bound: their classes lead to it.
 * </ul>
 *
 * Leads to no engine. Thread-safe.
 */
public final class BoundClasses implements AutoCloseable {
    private static final @Nullable ClassLoader OURS = BoundClasses.class.getClassLoader();

    /** Of interfaces that stay as long as the engine's loader. */
    private final Map<Class<?>, Contract> own = new ConcurrentHashMap<>();

    /** What an interface holds: a contract, or a weak reference to one. Of a type of the JDK, which keeps nobody. */
    private final ClassValue<AtomicReference<@Nullable Object>> places = new ClassValue<>() {
        @Override
        protected AtomicReference<@Nullable Object> computeValue(Class<?> type) {
            return new AtomicReference<>();
        }
    };

    /** Interfaces that may hold something; they need not live for it. Null when closed. */
    private volatile @Nullable Set<Class<?>> interfaces =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** What binding needs of an interface, made for the first who asks. */
    Contract contract(Class<?> type) {
        Set<Class<?>> known = interfaces;
        if (known == null) {
            return make(type);
        }
        Contract contract;
        if (stays(type.getClassLoader())) {
            contract = own.computeIfAbsent(type, BoundClasses::make);
        } else {
            known.add(type);
            contract = contract(type, places.get(type));
        }
        if (interfaces == null) {
            forget(type);
        }
        return contract;
    }

    private static Contract contract(Class<?> type, AtomicReference<@Nullable Object> place) {
        synchronized (place) {
            Object held = place.get();
            Object found = held instanceof WeakReference<?> reference ? reference.get() : held;
            if (found != null) {
                return (Contract) found;
            }
            Contract fresh = make(type);
            place.set(keeps(type.getClassLoader(), OURS) ? fresh : new WeakReference<>(fresh));
            return fresh;
        }
    }

    private static Contract make(Class<?> type) {
        return JavaStack.withRoom(() -> new Contract(type));
    }

    /** Whether a loader goes no earlier than ours. */
    private static boolean stays(@Nullable ClassLoader loader) {
        return loader == null
                || loader == ClassLoader.getPlatformClassLoader()
                || loader == ClassLoader.getSystemClassLoader()
                || keeps(OURS, loader);
    }

    /** Whether the one finds classes through the other, as far as it tells, or is that one. */
    private static boolean keeps(@Nullable ClassLoader loader, @Nullable ClassLoader other) {
        ClassLoader next = loader;
        while (next != other && next != null) {
            next = next.getParent();
        }
        return next == other;
    }

    private void forget(Class<?> type) {
        own.remove(type);
        places.remove(type);
    }

    /** Afterwards no interface keeps anything. */
    @Override
    public void close() {
        Set<Class<?>> known = interfaces;
        interfaces = null;
        own.clear();
        if (known != null) {
            synchronized (known) {
                for (Class<?> type : known) {
                    places.remove(type);
                }
            }
        }
    }
}
