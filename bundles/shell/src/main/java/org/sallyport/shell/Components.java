package org.sallyport.shell;

import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;
import org.sallyport.wasm.Printable;

/** Says which of Sallyport's components are down, and why. */
final class Components {
    private static final String OURS = "org.sallyport.";
    private static final int REASON = 1000;

    private Components() {}

    /** @return a line for each, or nothing if none is down or nobody knows */
    static String thatAreDown(BundleContext context) {
        try {
            ServiceReference<ServiceComponentRuntime> reference = context.getServiceReference(ServiceComponentRuntime.class);
            ServiceComponentRuntime runtime = reference == null ? null : context.getService(reference);
            return runtime == null
                    ? ""
                    : runtime.getComponentDescriptionDTOs().stream()
                            .filter(component -> component.implementationClass.startsWith(OURS))
                            .flatMap(component -> reasons(component, runtime.getComponentConfigurationDTOs(component)))
                            .distinct()
                            .map(reason -> "\n  " + Printable.text(reason, REASON))
                            .collect(Collectors.joining());
        } catch (NoClassDefFoundError e) {
            return ""; // Declarative Services of before 1.3
        }
    }

    private static Stream<String> reasons(ComponentDescriptionDTO component, Collection<ComponentConfigurationDTO> all) {
        return all.stream().flatMap(each -> switch (each.state) {
            case ComponentConfigurationDTO.FAILED_ACTIVATION ->
                Stream.of(component.name + " failed: " + cause(String.valueOf(each.failure)));
            case ComponentConfigurationDTO.UNSATISFIED_REFERENCE ->
                Stream.of(each.unsatisfiedReferences).map(missing -> component.name + " needs " + type(component, missing));
            case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> Stream.of(component.name + " needs a configuration");
            default -> Stream.of();
        });
    }

    private static String type(ComponentDescriptionDTO component, UnsatisfiedReferenceDTO missing) {
        return Stream.of(component.references)
                .filter(reference -> reference.name.equals(missing.name))
                .map((ReferenceDTO reference) -> reference.interfaceName)
                .findFirst()
                .orElse(missing.name);
    }

    /** The innermost cause of a stack trace. */
    private static String cause(String trace) {
        String last = trace.lines().findFirst().orElse("");
        for (String line : trace.lines().toList()) {
            if (line.startsWith("Caused by: ")) {
                last = line.substring("Caused by: ".length());
            }
        }
        return last.replaceFirst("^[\\w.]+\\.(\\w+: )", "$1");
    }
}
