package org.sallyport.host.impl;

import java.io.File;
import java.net.URI;
import java.util.Dictionary;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.sallyport.host.Grant;
import org.sallyport.host.core.ConfiguredGrant;
import org.sallyport.host.core.HostCore;

/**
 * Looks after grants that stand in files. File Install leaves a configuration as it was when it cannot read what the file
 * says now (a key in two cases, a typed value that is none), and so the grant would stay in force as it was. An edit that
 * cannot be read grants nothing: whenever such a file has changed and stays so for a while, File Install's own reader is
 * asked to read it once more. It does nothing if it had read it before, else it says what is wrong.
 *
 * <p>Also has those told of that File Install passes over ({@link PassedOver}).
 *
 * <p>Only where File Install and Configuration Admin are there. One thread, until {@link #close}.
 */
final class GrantFiles implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final long PERIOD_MILLIS = 500;
    private static final int RETRY_LOOKS = 20;

    /** What is known of one file. */
    private static final class Known {
        Stamp seen = Stamp.NONE;
        Stamp read = Stamp.NONE;
        @Nullable String problem;
        /** Readings in a row that have failed. */
        int failures;
        int looks;
        /** Of a file that has not become a configuration yet. */
        @Nullable ServiceRegistration<Grant> refused;
    }

    private record Stamp(long modified, long length) {
        static final Stamp NONE = new Stamp(-1, -1);

        static Stamp of(File file) {
            return new Stamp(file.lastModified(), file.length());
        }
    }

    private final BundleContext context;
    private final HostCore host;
    private final PassedOver passedOver;
    private final Map<File, Known> known = new HashMap<>();
    private final Thread thread = new Thread(this::run, "sallyport-grant-files");
    private volatile boolean closed;

    private GrantFiles(BundleContext context, HostCore host, Candidates candidates) {
        this.context = context;
        this.host = host;
        passedOver = new PassedOver(context, candidates);
    }

    /**
     * @param host is told of grants that say something else now
     * @param candidates are told of files that cannot be opened
     * @return null where the framework has no File Install
     */
    static @Nullable GrantFiles start(BundleContext context, HostCore host, Candidates candidates) {
        try {
            GrantFiles files = new GrantFiles(context, host, candidates);
            var _ = files.installers(); // needs the classes
            files.thread.setDaemon(true);
            files.thread.start();
            return files;
        } catch (NoClassDefFoundError e) {
            return null;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (!closed) {
                look();
                Thread.sleep(PERIOD_MILLIS);
            }
        } catch (InterruptedException | IllegalStateException e) {
            // closed, or our bundle has stopped
        } finally {
            known.values().forEach(GrantFiles::withdraw);
            passedOver.end();
        }
    }

    private void look() {
        WatchedFolders folders = new WatchedFolders(context);
        passedOver.look(folders);
        Map<File, GrantComponent> own = new HashMap<>();
        for (GrantComponent grant : host.grants(GrantComponent.class)) {
            File file = file(grant.file());
            if (file != null) {
                own.put(file, grant);
            }
        }
        Set<File> files = new TreeSet<>(own.keySet());
        files.addAll(folders.grants());
        for (File file : files) {
            try {
                look(file, own.get(file));
            } catch (RuntimeException | Error e) { // one file must not keep the others from being looked at
                LOG.log(System.Logger.Level.WARNING, () -> "file of a grant " + file + " was not looked at", e);
            }
        }
        known.entrySet().removeIf(entry -> {
            boolean gone = !files.contains(entry.getKey());
            if (gone) {
                withdraw(entry.getValue());
            }
            return gone;
        });
    }

    private void look(File file, @Nullable GrantComponent grant) {
        Known about = known.computeIfAbsent(file, _ -> new Known());
        Stamp now = Stamp.of(file);
        if (!now.equals(about.seen)) {
            about.seen = now; // it may be being written
            return;
        }
        ArtifactInstaller installer = installer(file);
        if (isDue(about, now) && installer != null && file.exists()) {
            about.read = now;
            read(file, installer, about, grant);
        }
        refuse(file, about, grant);
    }

    /** What fails once may have met File Install at the same file; what fails twice is tried again now and then. */
    private static boolean isDue(Known about, Stamp now) {
        return !now.equals(about.read) || about.failures == 1 || about.failures > 1 && ++about.looks % RETRY_LOOKS == 0;
    }

    private void read(File file, ArtifactInstaller installer, Known about, @Nullable GrantComponent grant) {
        String problem = read(file, installer);
        if (problem == null) {
            about.failures = 0;
            if (about.problem != null && grant != null) {
                reread(file, grant);
            }
            about.problem = null;
        } else if (++about.failures > 1) {
            about.problem = problem;
        }
    }

    /** @return why File Install cannot read it, or null */
    private static @Nullable String read(File file, ArtifactInstaller installer) {
        try {
            installer.update(file);
            return null;
        } catch (Exception e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Candidates.oneLine("its file cannot be read: "
                    + (cause.getMessage() == null ? cause : cause.getMessage()) + " (" + file + ")");
        }
    }

    /** Also if the component has heard of an earlier edit meanwhile. */
    private void refuse(File file, Known about, @Nullable GrantComponent grant) {
        String problem = about.problem;
        if (problem == null || grant != null) {
            withdraw(about);
        }
        if (problem == null) {
            return;
        }
        if (grant == null) {
            if (about.refused == null) {
                LOG.log(System.Logger.Level.ERROR, () -> "grant " + file + " grants nothing: " + problem);
                about.refused = context.registerService(
                        Grant.class, ConfiguredGrant.none(file.toString(), problem), new Hashtable<>());
            }
        } else if (!problem.equals(grant.problem())) {
            grant.refuse(problem);
            host.updatedGrant(grant);
        }
    }

    private static void withdraw(Known about) {
        ServiceRegistration<Grant> registration = about.refused;
        about.refused = null;
        try {
            if (registration != null) {
                registration.unregister();
            }
        } catch (IllegalStateException e) {
            // our bundle has stopped: the framework was faster
        }
    }

    /** The file was mended: the configuration counts as it is now, which the component may not have heard of yet. */
    private void reread(File file, GrantComponent grant) {
        for (ServiceReference<ConfigurationAdmin> reference : references(ConfigurationAdmin.class)) {
            ConfigurationAdmin admin = context.getService(reference);
            try {
                Configuration[] found = admin == null ? null : admin.listConfigurations("(service.pid=" + grant.source() + ")");
                if (found != null && found.length == 1 && file.equals(file(grant.file()))) {
                    grant.modified(map(found[0].getProperties()));
                    host.updatedGrant(grant);
                }
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, () -> "grant " + file + " stays out of force", e);
            } finally {
                context.ungetService(reference);
            }
        }
    }

    private static Map<String, Object> map(Dictionary<String, Object> dictionary) {
        Map<String, Object> map = new HashMap<>();
        for (Enumeration<String> keys = dictionary.keys(); keys.hasMoreElements(); ) {
            String key = keys.nextElement();
            map.put(key, dictionary.get(key));
        }
        return map;
    }

    private @Nullable ArtifactInstaller installer(File file) {
        for (ServiceReference<ArtifactInstaller> reference : installers()) {
            ArtifactInstaller installer = context.getService(reference);
            if (installer != null && installer.canHandle(file)) {
                return installer;
            }
        }
        return null;
    }

    private Iterable<ServiceReference<ArtifactInstaller>> installers() {
        return references(ArtifactInstaller.class);
    }

    private <S> Iterable<ServiceReference<S>> references(Class<S> type) {
        try {
            return context.getServiceReferences(type, null);
        } catch (org.osgi.framework.InvalidSyntaxException e) {
            throw new AssertionError("BUG: no filter", e);
        }
    }

    private static @Nullable File file(@Nullable String url) {
        try {
            return url == null ? null : new File(URI.create(url));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
