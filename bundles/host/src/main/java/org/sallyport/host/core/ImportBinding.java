package org.sallyport.host.core;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.sallyport.Caller;
import org.sallyport.EntityType;
import org.sallyport.ImportType;
import org.sallyport.contract.Signature;
import org.sallyport.host.AccessDeniedException;
import org.sallyport.host.Budget;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.UnsatisfiedImport;
import org.sallyport.host.UnsatisfiedImport.Kind;
import org.sallyport.wasm.FuncType;
import org.sallyport.wasm.Printable;

/**
 * One import of a plugin under certain rights, and the host function behind it. Guests call {@link #handle}, which goes to
 * the present target, so that a loss takes effect at the next call; once the {@link Permit} is withdrawn there is none any
 * more.
 *
 * <p>The target is chosen by the {@link ImportedModule}, under its lock; guests read it without.
 */
final class ImportBinding {
    /** Characters of a filter that a message shows. */
    private static final int FILTER = 500;
    private static final ModuleFilter LOGS = ModuleFilter.of("(" + Budget.LOG + "=true)");
    private static final MethodHandle CURRENT;

    static {
        try {
            CURRENT = MethodHandles.lookup()
                    .findVirtual(ImportBinding.class, "current", MethodType.methodType(MethodHandle.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    private final Rights rights;
    private final ImportType wanted;
    private final @Nullable MethodType type;
    private final Permit permit;
    private final Runnable denied;
    /** Null if host calls are not counted. */
    private final @Nullable Meter meter;
    /** One of them must match the service; null: each that the module sees will do. */
    private final @Nullable List<ModuleFilter> allowed;

    private volatile @Nullable MethodHandle target;
    private volatile boolean logs;

    /**
     * @param meter counts calls, if the rights' budget says so
     * @param denied called when a guest calls without a target
     */
    ImportBinding(Rights rights, ImportType wanted, Permit permit, Meter meter, Runnable denied) {
        this.rights = rights;
        this.wanted = wanted;
        this.permit = permit;
        this.denied = denied;
        this.meter = rights.budget().hostCalls() >= 0 || rights.budget().logLines() >= 0 ? meter : null;
        this.type = wanted.type() instanceof EntityType.Func func ? handleType(func.type()) : null;
        this.allowed = rights.onlyFor(wanted.name());
    }

    ImportType wanted() {
        return wanted;
    }

    /** What guests are linked with; null when the import is not a function that can be bound. */
    @Nullable MethodHandle handle() {
        return type == null
                ? null
                : MethodHandles.foldArguments(MethodHandles.exactInvoker(type), CURRENT.bindTo(this));
    }

    /** The Java type of what is linked: over wasm types, with a caller in front. Null when it is not over numbers. */
    static @Nullable MethodType handleType(FuncType type) {
        MethodType java = Signature.javaType(type);
        return java == null ? null : java.insertParameterTypes(0, Caller.class);
    }

    /** What a handle is like, for a {@link Rehearsal}: looks at the guest's memory and returns zero. */
    static MethodHandle standIn(MethodType type) {
        MethodHandle target = MethodHandles.foldArguments(MethodHandles.empty(type), StandIn.LOOK);
        MethodHandle current = MethodHandles.constant(MethodHandle.class, target);
        return MethodHandles.foldArguments(MethodHandles.exactInvoker(type), current);
    }

    boolean isBound() {
        return target != null;
    }

    private MethodHandle current() {
        MethodHandle now = target;
        if (now == null || permit.isWithdrawn()) {
            denied.run();
            throw new AccessDeniedException(
                    rights.identity().id(),
                    wanted.module() + "." + wanted.name(),
                    "its grant was withdrawn or its service has left");
        }
        if (meter != null) {
            meter.hostCall(rights.budget(), logs);
        }
        return now;
    }

    /** From now on calls are refused, until another target is chosen. */
    void empty() {
        target = null;
    }

    /**
     * The best service that has the function with the right type: highest ranking, then oldest.
     *
     * @return whether that is another one than before
     */
    boolean choose(Map<HostOffer, HostFunctions> candidates) {
        HostOffer from = null;
        MethodHandle best = null;
        for (Map.Entry<HostOffer, HostFunctions> candidate : candidates.entrySet()) {
            MethodHandle function = type == null ? null : candidate.getValue().find(wanted.name(), type);
            if (function != null
                    && isAllowed(candidate.getKey())
                    && (from == null || candidate.getKey().compareTo(from) > 0)) {
                from = candidate.getKey();
                best = function;
            }
        }
        if (best == target) {
            return false;
        }
        logs = from != null && from.matches(LOGS);
        target = best;
        return true;
    }

    private boolean isAllowed(HostOffer offer) {
        return allowed == null || allowed.stream().anyMatch(offer::matches);
    }

    /**
     * Why there is no target.
     *
     * @param offer a host module that is asked for, granted or not; null if there is none
     * @param wish the filter that such a one matches
     * @param candidates those of them that are granted
     * @param aGrant what would allow it
     */
    UnsatisfiedImport why(
            @Nullable HostOffer offer, String wish, Map<HostOffer, HostFunctions> candidates, String aGrant) {
        if (type == null) {
            return missing(
                    Kind.NOT_A_FUNCTION,
                    "only functions over numbers can be bound to services, this is a " + wanted.type());
        }
        if (offer == null) {
            return missing(Kind.NO_SERVICE, "nobody offers it: no host module matches " + Printable.text(wish, FILTER));
        }
        if (candidates.isEmpty()) {
            return notGranted(offer, aGrant);
        }
        boolean refused = candidates.entrySet().stream()
                .anyMatch(c -> c.getValue().find(wanted.name(), type) != null && !isAllowed(c.getKey()));
        return refused ? notNamed() : noFunction(candidates);
    }

    private UnsatisfiedImport notGranted(HostOffer offer, String aGrant) {
        String plugin = rights.identity().id();
        String missing = rights.absence().isEmpty()
                ? "no grant of plugin " + plugin + " allows that service"
                : rights.absence();
        return missing(
                Kind.NOT_GRANTED,
                "not granted: " + offer.owner() + " offers it, but "
                        + missing + "; " + aGrant + " with plugin=" + plugin + " and allow=(" + HostModule.MODULE + "="
                        + Printable.name(ModuleFilter.escape(wanted.module())) + ") would");
    }

    private UnsatisfiedImport notNamed() {
        return missing(
                Kind.NOT_GRANTED,
                "not granted: the grants of plugin " + rights.identity().id() + " that allow the service name other"
                        + " functions of it; " + Printable.name(wanted.name()) + " among the functions= of such a grant would");
    }

    private UnsatisfiedImport noFunction(Map<HostOffer, HostFunctions> candidates) {
        List<String> refusals = candidates.values().stream()
                .map(HostFunctions::refusal)
                .filter(refusal -> !refusal.isEmpty())
                .toList();
        if (refusals.size() == candidates.size()) {
            return missing(Kind.NO_FUNCTION, "the granted service offers nothing to it: " + String.join("; ", refusals));
        }
        TreeSet<String> names = new TreeSet<>();
        TreeSet<String> types = new TreeSet<>();
        for (HostFunctions functions : candidates.values()) {
            names.addAll(functions.names());
            functions.types(wanted.name()).forEach(found -> types.add(found.toString()));
        }
        return types.isEmpty()
                ? missing(
                        Kind.NO_FUNCTION,
                        "the granted service has no such function; it has "
                                + (names.isEmpty() ? "none" : String.join(", ", names)))
                : missing(
                        Kind.WRONG_TYPE,
                        "the granted service has it with the Java type " + String.join(" and ", types) + ", wanted "
                                + type);
    }

    private UnsatisfiedImport missing(Kind kind, String reason) {
        return new UnsatisfiedImport(wanted, kind, reason);
    }
}
