package org.sallyport.host.impl;

import java.io.File;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.sallyport.host.Grant;
import org.sallyport.host.core.ConfiguredGrant;

/**
 * Tells of files in watched folders that were put there for us and that File Install passes over in silence, because of
 * their names: modules that Java cannot open, modules in the text format, and grants that do not become configurations. They
 * are shown among the plugins and grants as refused, as long as they are there. Used by one thread.
 */
final class PassedOver {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");

    private final BundleContext context;
    private final Candidates candidates;
    private final Map<File, String> modules = new HashMap<>();
    private final Map<File, ServiceRegistration<Grant>> grants = new HashMap<>();

    PassedOver(BundleContext context, Candidates candidates) {
        this.context = context;
        this.candidates = candidates;
    }

    void look(WatchedFolders folders) {
        Map<File, String> now = new HashMap<>();
        for (File file : folders.unnameable()) {
            now.put(file, "its name has bytes that are no text in the encoding of this locale, so that Java cannot open it;"
                    + " rename the file");
        }
        for (File file : folders.texts()) {
            now.put(file, "it is a module in the text format, which is not taken up; translate it (sallyport wat2wasm) and put"
                    + " the .wasm here");
        }
        refuseModules(now);
        refuseGrants(folders.misnamedGrants());
    }

    private void refuseModules(Map<File, String> now) {
        for (Map.Entry<File, String> one : now.entrySet()) {
            File file = one.getKey();
            if (modules.put(file, one.getValue()) == null) {
                candidates.refused(file, PluginBundle.idOf(file.getName()), "file " + file, one.getValue());
            }
        }
        modules.keySet().removeIf(file -> {
            boolean gone = !now.containsKey(file);
            if (gone) {
                candidates.forget(file);
            }
            return gone;
        });
    }

    private void refuseGrants(List<File> now) {
        for (File file : now) {
            if (!grants.containsKey(file)) {
                String problem = "its file's name is that of no grant; call it " + Grant.FACTORY_PID + "-NAME.cfg";
                LOG.log(System.Logger.Level.ERROR, () -> "grant " + file + " grants nothing: " + problem);
                grants.put(file, context.registerService(
                        Grant.class, ConfiguredGrant.none(file.toString(), problem), new Hashtable<>()));
            }
        }
        grants.entrySet().removeIf(entry -> {
            boolean gone = !now.contains(entry.getKey());
            if (gone) {
                withdraw(entry.getValue());
            }
            return gone;
        });
    }

    /** Nobody looks any more. */
    void end() {
        grants.values().forEach(PassedOver::withdraw);
        grants.clear();
    }

    private static void withdraw(ServiceRegistration<Grant> registration) {
        try {
            registration.unregister();
        } catch (IllegalStateException e) {
            // our bundle has stopped: the framework was faster
        }
    }
}
