package org.sallyport.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MachineContractTest {
    @Test
    void isTheSameEveryTime() {
        assertThat(MachineContract.version()).matches("[0-9a-f]{8}").isEqualTo(MachineContract.version());
    }

    /** The same classes, but one constant of the store context is another. */
    @Test
    void changesWithWhatMachineCodeKnows() throws Exception {
        assertThat(versionOf(false)).isEqualTo(MachineContract.version());
        assertThat(versionOf(true)).isNotEqualTo(MachineContract.version());
    }

    private static String versionOf(boolean changed) throws Exception {
        URL classes = MachineContract.class.getProtectionDomain().getCodeSource().getLocation();
        Set<String> own = Set.of(MachineContract.class.getName(), StoreContext.class.getName());
        try (var loader = new URLClassLoader(new URL[] {classes}, MachineContractTest.class.getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (!own.contains(name)) {
                    return super.loadClass(name, resolve);
                }
                Class<?> known = findLoadedClass(name);
                return known != null ? known : define(name, read(name));
            }

            private Class<?> define(String name, byte[] bytes) {
                if (changed && name.endsWith("StoreContext")) {
                    renameConstant(bytes);
                }
                return defineClass(name, bytes, 0, bytes.length);
            }
        }) {
            return (String) loader.loadClass(MachineContract.class.getName()).getMethod("version").invoke(null);
        }
    }

    private static byte[] read(String name) {
        try (InputStream in = MachineContract.class.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
            return in == null ? new byte[0] : in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** In the constant pool: an entry of one byte's tag, two bytes' length, then the name. */
    private static void renameConstant(byte[] bytes) {
        byte[] name = "HOST_SP".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        for (int i = 0; i + name.length <= bytes.length; i++) {
            if (java.util.Arrays.equals(bytes, i, i + name.length, name, 0, name.length)) {
                bytes[i + name.length - 1] = 'Q';
                return;
            }
        }
        throw new AssertionError("no constant HOST_SP");
    }
}
