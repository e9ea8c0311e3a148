package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.Plugin;
import org.sallyport.wasm.Printable;

/**
 * Who holds which id, and who else claims it. An id is a plugin's own word, so several may claim one: the first holds it,
 * unless a grant {@linkplain org.sallyport.host.Grant#confirms confirms} another one's origin and not its. The others wait
 * in state {@code CONFLICT}, for all to see. A plugin is announced while it holds its id.
 *
 * <p>Thread-safe. One thread at a time decides, and no lock is held meanwhile.
 */
final class Claims {
    private final Function<Plugin, Surroundings.Registration> announce;
    private final Grants grants;
    private final Updates decisions = new Updates(this::decideAll);
    /** In the order in which they came. Guarded by this. */
    private final Map<String, List<PluginImpl>> claims = new TreeMap<>();
    /** Guarded by this. */
    private final Map<String, PluginImpl> holders = new HashMap<>();
    /** Guarded by this. */
    private final Map<PluginImpl, Surroundings.Registration> registrations = new HashMap<>();
    /** All plugins, for whoever has neither heap nor a lock. */
    private volatile PluginImpl[] all = {};

    /** @param announce has a plugin known under its id */
    Claims(Function<Plugin, Surroundings.Registration> announce, Grants grants) {
        this.announce = announce;
        this.grants = grants;
    }

    synchronized void add(PluginImpl plugin) {
        claims.computeIfAbsent(plugin.id(), _ -> new ArrayList<>(1)).add(plugin);
        publish();
    }

    /** @return false if it was not there */
    synchronized boolean remove(Plugin plugin) {
        List<PluginImpl> own = claims.get(plugin.id());
        if (own == null || !(plugin instanceof PluginImpl known) || !own.remove(known)) {
            return false;
        }
        if (own.isEmpty()) {
            claims.remove(plugin.id());
        }
        holders.remove(plugin.id(), known);
        publish();
        return true;
    }

    private void publish() {
        all = plugins().toArray(PluginImpl[]::new);
    }

    /** In no order; the array is not to be changed. */
    PluginImpl[] all() {
        return all;
    }

    /** Ordered by id; of those with the same id the holder first. */
    synchronized List<PluginImpl> plugins() {
        List<PluginImpl> plugins = new ArrayList<>();
        claims.forEach((id, own) -> {
            PluginImpl holder = holders.get(id);
            if (holder != null) {
                plugins.add(holder);
            }
            own.stream().filter(plugin -> plugin != holder).forEach(plugins::add);
        });
        return plugins;
    }

    synchronized Optional<PluginImpl> holder(String id) {
        return Optional.ofNullable(holders.get(id));
    }

    /** Has all ids looked at, by this thread or by the one that is at it. */
    void decide() {
        decisions.request();
    }

    private void decideAll() {
        Map<String, List<PluginImpl>> now = new TreeMap<>();
        synchronized (this) {
            claims.forEach((id, own) -> now.put(id, List.copyOf(own)));
        }
        now.forEach(this::decide);
    }

    private void decide(String id, List<PluginImpl> own) {
        PluginImpl holder = choose(id, own);
        for (PluginImpl plugin : own) {
            String conflict = plugin == holder ? null : conflict(plugin, holder);
            if (conflict != null && !conflict.equals(plugin.conflict())) {
                hide(plugin);
                plugin.life().decide(conflict);
            }
        }
        synchronized (this) {
            if (!isClaimed(holder)) {
                return; // it has gone meanwhile, and another decision is to follow
            }
            holders.put(id, holder); // now that nobody else is in service under it
        }
        if (holder.conflict() != null) {
            show(holder);
            holder.life().decide(null);
        }
    }

    private PluginImpl choose(String id, List<PluginImpl> own) {
        PluginImpl before;
        synchronized (this) {
            before = holders.get(id);
        }
        if (own.size() == 1) {
            return own.getFirst();
        }
        List<PluginImpl> confirmed = own.stream()
                .filter(plugin -> grants.confirm(id, plugin.origin()))
                .toList();
        List<PluginImpl> best = confirmed.isEmpty() ? own : confirmed;
        return before != null && best.contains(before) ? before : best.getFirst();
    }

    private static String conflict(PluginImpl plugin, PluginImpl holder) {
        return "its id is held by the plugin from " + Printable.text(holder.origin().toString(), 500)
                + ", and this one is from " + Printable.text(plugin.origin().toString(), 500)
                + "; it takes over when that one goes, or by a grant with plugin=" + plugin.id()
                + " that names its location, digest or signer";
    }

    private void show(PluginImpl plugin) {
        Surroundings.Registration made = announce.apply(plugin);
        boolean late;
        synchronized (this) {
            late = !isClaimed(plugin);
            if (!late) {
                registrations.put(plugin, made);
            }
        }
        if (late) {
            unregister(made);
        }
    }

    /** Takes the plugin's service away. */
    void hide(PluginImpl plugin) {
        Surroundings.Registration made;
        synchronized (this) {
            made = registrations.remove(plugin);
        }
        unregister(made);
    }

    private static void unregister(Surroundings.@Nullable Registration made) {
        if (made != null) {
            made.withdraw();
        }
    }

    /** Whether it was added and not removed. */
    boolean has(PluginImpl plugin) {
        return isClaimed(plugin);
    }

    private synchronized boolean isClaimed(PluginImpl plugin) {
        return claims.getOrDefault(plugin.id(), List.of()).contains(plugin);
    }
}
