package org.sallyport.host.impl;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.sallyport.host.core.ContractNotSeenException;

/** A plugin's bundle does not see an interface that its manifest names; says what the bundle lacks. */
final class InterfaceNotSeenException extends ContractNotSeenException {
    private static final long serialVersionUID = 1;

    InterfaceNotSeenException(String type, BundleContext context, ClassNotFoundException cause) {
        super(explain(type, context), cause);
    }

    private static String explain(String type, BundleContext context) {
        String bundle = context.getBundle().getSymbolicName();
        int dot = type.lastIndexOf('.');
        if (dot < 0) {
            return "bundle " + bundle + " does not contain the interface " + type + ", and what is in no package cannot be"
                    + " imported: name it with its package";
        }
        String name = type.substring(0, dot);
        String missing = "bundle " + bundle + " does not see the interface " + type + ": ";
        String exporters = exporters(name, context);
        if (imports(name, context)) {
            return missing + "it imports the package " + name + ", which has no " + type.substring(dot + 1)
                    + (exporters.isEmpty() ? "" : "; exported by " + exporters);
        }
        return missing + "it does not import the package " + name + "; its manifest needs \"Import-Package: " + name
                + "\" (in bnd.bnd: \"Import-Package: " + name + ", *\")"
                + (exporters.isEmpty()
                        ? ", and some bundle must export that package: none does now"
                        : "; exported by " + exporters);
    }

    private static boolean imports(String name, BundleContext context) {
        BundleRevision revision = context.getBundle().adapt(BundleRevision.class);
        return revision != null
                && revision.getWiring() != null
                && revision.getWiring().getRequiredWires(BundleRevision.PACKAGE_NAMESPACE).stream()
                        .anyMatch(wire -> name.equals(
                                wire.getCapability().getAttributes().get(BundleRevision.PACKAGE_NAMESPACE)));
    }

    private static String exporters(String name, BundleContext context) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> exports(bundle, name))
                .map(Bundle::getSymbolicName)
                .limit(3)
                .collect(Collectors.joining(", "));
    }

    private static boolean exports(Bundle bundle, String name) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        if (revision == null) {
            return false;
        }
        for (BundleCapability offer : revision.getDeclaredCapabilities(BundleRevision.PACKAGE_NAMESPACE)) {
            if (name.equals(offer.getAttributes().get(BundleRevision.PACKAGE_NAMESPACE))) {
                return true;
            }
        }
        return false;
    }
}
