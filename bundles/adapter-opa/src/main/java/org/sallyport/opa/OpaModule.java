package org.sallyport.opa;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Component;
import org.sallyport.Caller;
import org.sallyport.host.HostModule;
import org.sallyport.host.PluginIdentity;
import org.sallyport.wasm.Printable;

/**
 * What policies import: the module {@code env}. A policy that gives up ends its call; a builtin function that the policy's own
 * code does not have is refused with a message, since this host offers none. Thread-safe. In OSGi a service; hosts in plain
 * Java find it by themselves.
 */
@Component(service = HostModule.class, property = HostModule.MODULE + "=" + OpaModule.NAME)
public final class OpaModule implements HostModule {
    /** Under which policies import it. */
    public static final String NAME = "env";

    private static final int BUILTINS = 5;
    private static final int MESSAGE = 1_000;
    private static final MethodHandle ABORT = find("abort", MethodType.methodType(void.class, Caller.class, int.class));
    private static final MethodHandle BUILTIN = find("builtin", MethodType.methodType(int.class, int.class));

    private static MethodHandle find(String name, MethodType type) {
        try {
            return MethodHandles.lookup().findStatic(OpaModule.class, name, type);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("BUG: own method", e);
        }
    }

    @Override
    public String module() {
        return NAME;
    }

    @Override
    public Map<String, MethodHandle> functions(PluginIdentity plugin) {
        Map<String, MethodHandle> functions = new HashMap<>();
        functions.put("opa_abort", ABORT);
        functions.put("opa_println", MethodHandles.empty(MethodType.methodType(void.class, int.class)));
        for (int i = 0; i < BUILTINS; i++) { // the number, a context and so many values
            Class<?>[] rest = new Class<?>[i + 1];
            Arrays.fill(rest, int.class);
            functions.put("opa_builtin" + i, MethodHandles.dropArguments(BUILTIN, 1, rest));
        }
        return functions;
    }

    private static void abort(Caller caller, int message) {
        throw new PolicyException(
                "the policy gave up: " + Printable.text(Evaluation.text(caller.memory(), message), MESSAGE));
    }

    private static int builtin(int number) {
        throw new PolicyException("the policy calls its builtin function number " + number
                + " (its export \"builtins\" has the names), and this host offers none");
    }
}
