package org.sallyport.host.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.sallyport.host.Grant;
import org.sallyport.host.PluginOrigin;

/**
 * The grants in force. Thread-safe. Taking one out of force needs neither heap nor a lock, so that it works when both are
 * gone; what is left of it is cleared away later.
 */
final class Grants {
    /**
     * A grant as it was when it was looked at.
     *
     * @param service the grant
     * @param terms what it says; never changes, if the grant is ours
     */
    record Granted(Grant service, Grant terms) {
        /** Whether the grant says the same today of what is within reach. One that cannot tell does not. */
        boolean isStillSo() {
            return service instanceof ConfiguredGrant own
                    && terms instanceof GrantTerms before
                    && before.sameReach(own.terms());
        }
    }

    private static final class Entry {
        final Grant grant;
        volatile boolean withdrawn;

        Entry(Grant grant) {
            this.grant = grant;
        }
    }

    /** Grants that a reason names at most. */
    private static final int TOLD = 3;

    private volatile Entry[] entries = {};

    synchronized void add(Grant grant) {
        Entry[] more = Arrays.copyOf(inForce(), inForce().length + 1);
        more[more.length - 1] = new Entry(grant);
        entries = more;
    }

    /** Takes effect at once; {@link #clear} is to follow. */
    void withdraw(Grant grant) {
        for (Entry entry : entries) {
            if (entry.grant == grant) {
                entry.withdrawn = true;
            }
        }
    }

    /** Lets go of what was withdrawn. */
    synchronized void clear() {
        entries = inForce();
    }

    private Entry[] inForce() {
        return Arrays.stream(entries).filter(entry -> !entry.withdrawn).toArray(Entry[]::new);
    }

    /** Those of that kind. */
    <G extends Grant> List<G> all(Class<G> kind) {
        return Arrays.stream(inForce())
                .map(entry -> entry.grant)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** Those for this plugin, in the order of their sources. */
    List<Granted> of(String plugin, PluginOrigin origin) {
        List<Granted> own = new ArrayList<>();
        for (Entry entry : entries) {
            Grant terms = entry.grant instanceof ConfiguredGrant configured ? configured.terms() : entry.grant;
            if (!entry.withdrawn && terms.appliesTo(plugin, origin)) {
                own.add(new Granted(entry.grant, terms));
            }
        }
        own.sort(Comparator.comparing(granted -> granted.terms().source()));
        return own;
    }

    /** For people: why {@link #of} has none, with the grants for this id that something is in the way of. */
    String absence(String plugin, PluginOrigin origin) {
        List<String> near = new ArrayList<>();
        for (Entry entry : entries) {
            String mismatch = entry.withdrawn || !(entry.grant instanceof ConfiguredGrant configured)
                    ? null
                    : configured.terms().mismatch(plugin, origin);
            if (mismatch != null) {
                near.add(mismatch);
            }
        }
        if (near.isEmpty()) {
            return "there is no grant for plugin " + plugin;
        }
        near.sort(null);
        String more = near.size() > TOLD ? "; and " + (near.size() - TOLD) + " more" : "";
        return "no grant for plugin " + plugin + " applies to it: "
                + String.join("; ", near.subList(0, Math.min(TOLD, near.size()))) + more;
    }

    /** Whether none of them was withdrawn or edited since, as far as it can be told. */
    boolean inForce(List<Granted> granted) {
        return granted.stream().allMatch(each -> each.isStillSo() && Arrays.stream(entries)
                .anyMatch(entry -> entry.grant == each.service() && !entry.withdrawn));
    }

    /** Whether the operator has said of this origin that it is the plugin's. */
    boolean confirm(String plugin, PluginOrigin origin) {
        for (Entry entry : entries) {
            if (!entry.withdrawn && entry.grant.confirms(plugin, origin)) {
                return true;
            }
        }
        return false;
    }
}
