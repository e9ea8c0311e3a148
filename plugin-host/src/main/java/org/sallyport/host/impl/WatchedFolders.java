package org.sallyport.host.impl;

import java.io.File;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.sallyport.host.Grant;

/** Finds what File Install does not tell of in the folders that it watches. */
final class WatchedFolders {
    private static final System.Logger LOG = System.getLogger("org.sallyport.host");
    private static final String WATCHER = "org.apache.felix.fileinstall";
    private static final String DIR = "felix.fileinstall.dir";
    private static final String FILTER = "felix.fileinstall.filter";
    private static final Pattern NAME = Pattern.compile(Pattern.quote(Grant.FACTORY_PID) + "-.*\\.(cfg|config)");

    /** Whoever writes such a name means a grant, whether or not it becomes one. */
    private static final Pattern LIKE_GRANT = Pattern.compile("(?i).*grant.*\\.(cfg|config)");

    /** What Java reads for bytes of a name that are none in the locale's encoding. */
    private static final char UNKNOWN = '\uFFFD';

    /** A folder, and what File Install takes of it: the rest is none of ours. */
    private record Folder(File directory, @Nullable Pattern filter) {}

    private final List<Folder> folders = new ArrayList<>();

    /** Those of now. */
    WatchedFolders(BundleContext context) {
        add(context.getProperty(DIR), context.getProperty(FILTER));
        ServiceReference<ConfigurationAdmin> reference = context.getServiceReference(ConfigurationAdmin.class);
        ConfigurationAdmin admin = reference == null ? null : context.getService(reference);
        if (admin == null) {
            return;
        }
        try {
            Configuration[] watched = admin.listConfigurations("(service.factoryPid=" + WATCHER + ")");
            for (Configuration folder : watched == null ? new Configuration[0] : watched) {
                Dictionary<String, Object> properties = folder.getProperties();
                add(properties.get(DIR), properties.get(FILTER));
            }
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "watched folders are not known", e);
        } finally {
            context.ungetService(reference);
        }
    }

    private void add(@Nullable Object directories, @Nullable Object filter) {
        if (!(directories instanceof String names)) {
            return;
        }
        Pattern only;
        try {
            only = filter instanceof String text && !text.isEmpty() ? Pattern.compile(text) : null;
        } catch (PatternSyntaxException e) {
            return;
        }
        for (String name : names.split(",")) {
            folders.add(new Folder(new File(name.strip()).getAbsoluteFile(), only));
        }
    }

    /** Files of grants: also those that have not become a configuration. */
    List<File> grants() {
        return files((file, only) -> NAME.matcher(file.getName()).matches()
                && (only == null || only.matcher(file.getName()).matches())
                && file.isFile());
    }

    /** Modules whose names Java cannot write, so that it finds no such file: File Install takes them for deleted. */
    List<File> unnameable() {
        return files((file, _) -> file.getName().indexOf(UNKNOWN) >= 0
                && file.getName().endsWith(".wasm")
                && !file.exists());
    }

    /** Files that are meant as grants, as their names tell, and are none to File Install and Configuration Admin. */
    List<File> misnamedGrants() {
        return files((file, _) -> LIKE_GRANT.matcher(file.getName()).matches()
                && !NAME.matcher(file.getName()).matches()
                && file.isFile());
    }

    /** Modules in the text format. */
    List<File> texts() {
        return files((file, _) -> file.getName().toLowerCase(Locale.ROOT).endsWith(".wat") && file.isFile());
    }

    private List<File> files(BiPredicate<File, @Nullable Pattern> wanted) {
        List<File> files = new ArrayList<>();
        for (Folder folder : folders) {
            File[] found = folder.directory().listFiles(file -> wanted.test(file, folder.filter()));
            files.addAll(found == null ? List.of() : List.of(found));
        }
        return files;
    }
}
