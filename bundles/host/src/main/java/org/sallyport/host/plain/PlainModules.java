package org.sallyport.host.plain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.HostModule;
import org.sallyport.host.core.HostOffer;
import org.sallyport.host.core.ModuleWish;
import org.sallyport.host.core.Surroundings;

/**
 * The host modules of a plain host, and who looks at them. Thread-safe; no lock is held while listeners are told. So it may
 * be that one is told of an offer that has just left: whoever tells looks afterwards whether it has, and takes it back.
 */
final class PlainModules {
    /** Guarded by this. */
    private final List<PlainOffer> offers = new ArrayList<>();
    /** Guarded by this. */
    private final List<Watch> watches = new ArrayList<>();
    /** Guarded by this. */
    private long next;

    private record Watch(ModuleWish wish, Surroundings.Listener listener) {
        void tell(PlainOffer offer) {
            if (wish.isGranted(offer.properties())) {
                listener.added(offer);
                if (offer.hasLeft()) {
                    listener.removed(offer);
                }
            }
        }

        void takeBack(PlainOffer offer) {
            if (wish.isGranted(offer.properties())) {
                listener.removed(offer);
            }
        }
    }

    PlainPluginHost.Registration add(String module, Object service, List<Class<?>> contracts, Map<String, ?> properties) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(HostModule.MODULE, module);
        PlainOffer offer;
        List<Watch> told;
        synchronized (this) {
            offer = new PlainOffer(service, contracts, Map.copyOf(all), next++);
            offers.add(offer);
            told = List.copyOf(watches);
        }
        told.forEach(watch -> watch.tell(offer));
        return () -> remove(offer);
    }

    private void remove(PlainOffer offer) {
        List<Watch> told;
        synchronized (this) {
            if (!offers.remove(offer)) {
                return;
            }
            offer.leave();
            told = List.copyOf(watches);
        }
        told.forEach(watch -> watch.takeBack(offer));
    }

    AutoCloseable watch(ModuleWish wish, Surroundings.Listener listener) {
        Watch watch = new Watch(wish, listener);
        List<PlainOffer> there;
        synchronized (this) {
            watches.add(watch);
            there = List.copyOf(offers);
        }
        there.forEach(watch::tell);
        return () -> close(watch);
    }

    private synchronized void close(Watch watch) {
        watches.removeIf(one -> one == watch);
    }

    synchronized @Nullable HostOffer any(ModuleWish wish) {
        return offers.stream().filter(offer -> wish.isAskedFor(offer.properties())).findFirst().orElse(null);
    }
}
