package org.sallyport.host.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.sallyport.host.PluginCandidate;
import org.sallyport.host.PluginManifest;
import org.sallyport.host.PluginState;
import org.sallyport.wasm.Printable;

/** Bundles with a plugin that should run and are not resolved, so that nobody else hears of them. */
final class UnresolvedBundles {
    private static final int MOST = 10;

    private UnresolvedBundles() {}

    static List<PluginCandidate> in(BundleContext context) {
        FrameworkWiring wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        List<PluginCandidate> all = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getState() == Bundle.INSTALLED
                    && bundle.getHeaders("").get(PluginManifest.HEADER) != null
                    && bundle.adapt(BundleStartLevel.class).isPersistentlyStarted()) {
                all.add(new PluginCandidate(
                        PluginExtender.nameOf(bundle),
                        Printable.text(PluginExtender.source(bundle), Printable.MESSAGE),
                        PluginState.REFUSED,
                        reason(bundle, wiring)));
            }
        }
        return all;
    }

    private static String reason(Bundle bundle, FrameworkWiring wiring) {
        List<String> missing = new ArrayList<>();
        for (BundleRequirement requirement : bundle.adapt(BundleRevision.class).getDeclaredRequirements(null)) {
            if (isNeeded(requirement) && missing.size() < MOST && wiring.findProviders(requirement).isEmpty()) {
                missing.add(text(requirement));
            }
        }
        return missing.isEmpty()
                ? "its bundle is not resolved, though somebody provides each thing that it needs; start it to see why"
                : Printable.text("its bundle is not resolved: nobody provides " + String.join(", ", missing), Printable.MESSAGE);
    }

    private static boolean isNeeded(BundleRequirement requirement) {
        Map<String, String> directives = requirement.getDirectives();
        String effective = directives.getOrDefault(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE, Namespace.EFFECTIVE_RESOLVE);
        return effective.equals(Namespace.EFFECTIVE_RESOLVE)
                && !Namespace.RESOLUTION_OPTIONAL.equals(directives.get(Namespace.REQUIREMENT_RESOLUTION_DIRECTIVE));
    }

    private static String text(BundleRequirement requirement) {
        String filter = requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE);
        String what = requirement.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)
                ? "package"
                : requirement.getNamespace();
        return what + " " + (filter == null ? requirement.getAttributes() : filter);
    }
}
