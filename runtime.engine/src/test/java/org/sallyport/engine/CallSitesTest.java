package org.sallyport.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sallyport.Engine;
import org.sallyport.store.PoolingAllocator;

/**
 * What closes, stops, refuses and traps has no call sites that are linked when they are first reached ({@code invokedynamic}:
 * lambdas, method references, switches over patterns, concatenation of strings). One that is linked while the Java heap is
 * full may fail for good. The list below is the one place that says which classes these are.
 */
class CallSitesTest {
    /** With all that is nested in them. */
    private static final List<String> CLASSES = List.of(
            // who stops
            "engine/stop/Watchdog", "engine/stop/Watch", "engine/stop/Watched", "engine/stop/DeadlineWheel",
            "engine/threads/OnDemandThread", "engine/threads/SpinLock", "engine/Keeper", "engine/process/ProcessBarrier",
            "engine/process/LinuxProcess", "engine/process/Signals", "engine/process/HandlerBlock",
            "engine/stop/Sentry", "engine/process/ThreadNumbers",
            // who is stopped, and who refuses
            "engine/Stoppable", "engine/Occupancy", "engine/Execution", "engine/NativeExecution", "engine/NativeObjects",
            "engine/StoreImpl", "engine/SharedMemoryImpl", "engine/WaitQueue", "engine/GuestWaits",
            "engine/EngineImpl", "engine/Tenants", "engine/compile/Compilers",
            "engine/Machinery", "engine/NativeMachinery", "engine/fuel/NativeTank",
            "engine/process/Barrier", "engine/process/PlainBarrier",
            "engine/code/GuestEntry", "engine/code/SuspendedGuests", "engine/NativeBuiltins",
            "engine/code/Backtrace", "engine/events/FlightEvents", "engine/types/HostTypes", "engine/References",
            "engine/Builtins",
            "spi/CompileBudget", "spi/ResourceAccount", "spi/ProcessLimits", "spi/NativeMemory", "spi/MemoryBudget",
            "GuestFrame", "TrapCode", "ConcurrentEntryException", "StoreClosedException", "LimitExceededException",
            "CompilationException", "GuestException", "GuestInterruptedException", "GuestExitException",
            "HostFunctionException", "TrapException", "OutOfFuelException", "CallContext", "engine/fuel/FuelTank",
            "LinkException", "InvalidModuleException", "MalformedModuleException", "UnsupportedFeatureException",
            "SallyportException",
            // what is closed
            "engine/BackgroundCompilation", "engine/code/CodeArena", "engine/code/CodeReservation",
            "engine/code/CodeShare", "engine/code/CodeSpace", "engine/InitialMemory", "engine/code/LazyCode");

    /** Equality, hash code and text of a record: linked only where somebody asks, and nobody of these ways does. */
    private static final String RECORD = "ObjectMethods";

    private static void add(List<String> sites, byte[] bytes) {
        ClassModel model = ClassFile.of().parse(bytes);
        for (MethodModel method : model.methods()) {
            if (method.code().isEmpty()) {
                continue;
            }
            for (CodeElement element : method.code().get()) {
                if (element instanceof InvokeDynamicInstruction site
                        && !site.bootstrapMethod().owner().displayName().contains(RECORD)) {
                    sites.add(model.thisClass().asInternalName() + "." + method.methodName() + ": "
                            + site.bootstrapMethod().methodName());
                }
            }
        }
    }

    /** The call sites in the classes that begin with that name, or nested in them. */
    private static List<String> sites(Class<?> beside, String name) throws Exception {
        URI place = beside.getProtectionDomain().getCodeSource().getLocation().toURI();
        Path file = Path.of(place);
        if (Files.isDirectory(file)) {
            return sites(file, name);
        }
        try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place), Map.of())) {
            return sites(jar.getPath("/"), name);
        }
    }

    private static List<String> sites(Path root, String name) throws IOException {
        List<String> sites = new ArrayList<>();
        int found = 0;
        Path package0 = root.resolve("org/sallyport").resolve(name).getParent();
        String simple = name.substring(name.lastIndexOf('/') + 1);
        try (Stream<Path> files = Files.list(package0)) {
            for (Path file : files.toList()) {
                String own = file.getFileName().toString();
                if (own.endsWith(".class") && (own.equals(simple + ".class") || own.startsWith(simple + "$"))) {
                    try (InputStream in = Files.newInputStream(file)) {
                        add(sites, in.readAllBytes());
                        found++;
                    }
                }
            }
        }
        assertThat(found).as("classes " + name).isPositive();
        return sites;
    }

    static List<String> classes() {
        return Collections.unmodifiableList(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("classes")
    void noneIsLinkedWhenItIsReached(String name) throws Exception {
        Class<?> beside = name.startsWith("engine/") ? EngineImpl.class : Engine.class;
        assertThat(sites(beside, name)).isEmpty();
    }

    /** All that gives memory back. */
    @Test
    void noneIsInTheBundleOfStores() throws Exception {
        for (String name : List.of(
                "Arena", "ChunkPool", "FileImage", "LinuxMemory", "MemoryManager", "MemoryPool", "PoolingAllocator",
                "Reserving", "SharedMemory", "SharedPage", "StackPool", "Trim")) {
            assertThat(sites(PoolingAllocator.class, "store/" + name)).isEmpty();
        }
    }
}
