package org.sallyport.host.core;

import static java.lang.invoke.MethodType.methodType;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.sallyport.Caller;
import org.sallyport.WasmName;
import org.sallyport.host.HostModule;
import org.sallyport.host.ModuleFilter;
import org.sallyport.host.PluginIdentity;
import org.sallyport.host.PluginOrigin;

class HostFunctionsTest {
    private static final PluginIdentity PLUGIN = new PluginIdentity(
            "p", new PluginOrigin("test:p", "00", List.of()), Map.of("prefix", "/data"));

    public interface Base {
        int size(String text);
    }

    public interface Store extends Base {
        @WasmName("put-value")
        void put(Caller caller, int key, double value);

        long sum(int a, int b);

        long sum(long a, long b);

        int twice(String text);

        int twice(int address, int length);

        Thread notForGuests(Object x);

        default int helper() {
            return 1;
        }
    }

    public static final class StoreImpl implements Store {
        @Override
        public int size(String text) {
            return text.length();
        }

        @Override
        public void put(Caller caller, int key, double value) {}

        @Override
        public long sum(int a, int b) {
            return a + b;
        }

        @Override
        public long sum(long a, long b) {
            return a * b;
        }

        @Override
        public int twice(String text) {
            return 0;
        }

        @Override
        public int twice(int address, int length) {
            return 0;
        }

        @Override
        public Thread notForGuests(Object x) {
            return Thread.currentThread();
        }

        /** Public, but in no contract. */
        public int secret() {
            return 42;
        }
    }

    private static HostFunctions of(Object service, Class<?>... types) {
        return HostFunctions.of(
                new HostOffer() {
                    @Override
                    public Object service() {
                        return service;
                    }

                    @Override
                    public List<Class<?>> contracts() {
                        return List.of(types);
                    }

                    @Override
                    public boolean matches(ModuleFilter filter) {
                        return true;
                    }

                    @Override
                    public String owner() {
                        return "test";
                    }

                    @Override
                    public int compareTo(HostOffer other) {
                        return 0;
                    }
                },
                PLUGIN);
    }

    @Test
    void abstractMethodsOfTheRegisteredInterfacesAreFunctions() {
        HostFunctions functions = of(new StoreImpl(), Store.class);

        assertThat(functions.names()).containsExactly("notForGuests", "put-value", "size", "sum", "twice");
        assertThat(functions.find("put-value", methodType(void.class, Caller.class, int.class, double.class)))
                .isNotNull();
        assertThat(functions.find("size", methodType(int.class, Caller.class, int.class, int.class))).isNotNull();
        assertThat(functions.find("helper", methodType(int.class, Caller.class))).isNull();
        assertThat(functions.find("secret", methodType(int.class, Caller.class))).isNull();
        assertThat(functions.types("notForGuests")).isEmpty();
    }

    @Test
    void interfacesThatAreNotRegisteredAreNotOffered() {
        assertThat(of(new StoreImpl(), Base.class).names()).containsExactly("size");
    }

    @Test
    void overloadsAreToldApartByType() throws Throwable {
        HostFunctions functions = of(new StoreImpl(), Store.class);
        MethodHandle ints = functions.find("sum", methodType(long.class, Caller.class, int.class, int.class));
        MethodHandle longs = functions.find("sum", methodType(long.class, Caller.class, long.class, long.class));

        assertThat((long) ints.invokeExact((Caller) null, 3, 4)).isEqualTo(7);
        assertThat((long) longs.invokeExact((Caller) null, 3L, 4L)).isEqualTo(12);
        assertThat(functions.types("sum")).hasSize(2);
    }

    @Test
    void overloadsOfOneWasmTypeAreAbsent() {
        assertThat(of(new StoreImpl(), Store.class)
                        .find("twice", methodType(int.class, Caller.class, int.class, int.class)))
                .isNull();
    }

    interface Hidden {
        void call();
    }

    @Test
    void contractsNeedNotBePublic() throws Throwable {
        boolean[] called = new boolean[1];
        Hidden hidden = () -> called[0] = true;

        of(hidden, Hidden.class).find("call", methodType(void.class, Caller.class)).invokeExact((Caller) null);
        assertThat(called[0]).isTrue();
    }

    @Test
    void hostModuleMakesASliceForThePlugin() throws Throwable {
        HostModule module = plugin -> Map.of(
                "prefix", MethodHandles.dropArguments(
                        MethodHandles.constant(int.class, plugin.attributes().get("prefix").hashCode()), 0, int.class),
                "odd", MethodHandles.constant(Thread.class, null));
        HostFunctions functions = of(module, HostModule.class);
        MethodHandle prefix = functions.find("prefix", methodType(int.class, Caller.class, int.class));

        assertThat((int) prefix.invokeExact((Caller) null, 0)).isEqualTo("/data".hashCode());
        assertThat(functions.types("odd")).isEmpty();
    }
}
