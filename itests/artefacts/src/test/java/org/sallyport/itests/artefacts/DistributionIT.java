package org.sallyport.itests.artefacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archives on a machine without the tree: nothing but a shell and a Java. */
class DistributionIT {
    private static final String ADD = "(module (func (export \"add\") (param i32 i32) (result i32)"
            + " (i32.add (local.get 0) (local.get 1))))";
    private static final int NOBODY = 65534;

    @TempDir
    Path temp;

    private Machine machine;
    private Path work;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new Machine(temp);
        work = Files.createDirectories(temp.resolve("work"));
        Files.writeString(work.resolve("add.wat"), ADD);
    }

    @Test
    void runsFromAnywhereAndWritesNothingIntoItself() throws Exception {
        Unpacked sallyport = new Unpacked(machine, temp.resolve("a folder"));
        var before = contents(sallyport.root);

        assertThat(sallyport.run(work, "version").well().output()).contains("sallyport " + Built.VERSION + "\n", "java 25");
        assertThat(sallyport.run(work, "run", "--invoke", "add", "add.wat", "1", "2").well().lines()).containsExactly("3");
        assertThat(files(machine.home.resolve(".cache/sallyport/code"), ".code")).as("compiled once").hasSize(1);
        assertThat(sallyport.run(work, "run", "--invoke", "add", "add.wat", "3", "4").well().lines()).containsExactly("7");
        assertThat(files(machine.home.resolve(".cache/sallyport/code"), ".code")).as("and then found").hasSize(1);
        assertThat(sallyport.run(work, "run", "none.wasm").status()).isNotZero();
        assertThat(sallyport.run(work, "demo").well().output())
                .contains("shout(\"hello from java\") = HELLO FROM JAVA!", "in a fresh instance");

        assertThat(contents(sallyport.root)).isEqualTo(before);
    }

    @Test
    void bringsItsOwnJava() throws Exception {
        Unpacked sallyport = new Unpacked(machine, temp.resolve("opt"));
        machine.run(work, sallyport.root.resolve("lib/link-java").toString()).well();
        machine.environment.put("JAVA_HOME", "/none");
        machine.environment.put("SALLYPORT_JVM_ARGS", "-XshowSettings:properties");
        assertThat(sallyport.run(work, "run", "--invoke", "add", "add.wat", "1", "2").well().output())
                .contains("java.home = " + sallyport.root.toRealPath().resolve("java") + "\n").endsWith("3\n");
        assertThat(sallyport.run(work, "demo").well().output()).contains("in a fresh instance");

        machine.environment.remove("SALLYPORT_AOT");
        machine.environment.remove("SALLYPORT_JVM_ARGS");
        sallyport.run(work, "version").well();
        archive(machine.home);
        machine.environment.put("SALLYPORT_JVM_ARGS", "-XX:AOTMode=on");
        sallyport.run(work, "version").well();
    }

    /** Each user has an archive of his own, and Java takes it; nobody's else's counts. */
    @Test
    void preparesLaterStartsForEachUser() throws Exception {
        machine.environment.remove("SALLYPORT_AOT");
        Unpacked sallyport = new Unpacked(machine, temp.resolve("opt"));
        sallyport.run(work, "version").well();
        Path archive = archive(machine.home);
        machine.environment.put("SALLYPORT_JVM_ARGS", "-XX:AOTMode=on"); // Java ends when the archive does not fit
        sallyport.run(work, "version").well();

        machine.environment.put("XDG_CACHE_HOME", Files.createDirectory(temp.resolve("cache")).toString());
        machine.environment.remove("SALLYPORT_JVM_ARGS");
        sallyport.run(work, "version").well();
        assertThat(archive(temp.resolve("cache/sallyport"), "start")).hasFileName(archive.getFileName().toString());

        assumeTrue(Files.getAttribute(archive, "unix:uid").equals(0), "being another user needs root");
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path home = Files.createDirectories(temp.resolve("other"));
        Files.setAttribute(home, "unix:uid", NOBODY);
        List<String> command = new ArrayList<>(List.of("setpriv", "--reuid", "" + NOBODY, "--clear-groups", "env",
                "-u", "XDG_CACHE_HOME", "HOME=" + home));
        command.addAll(sallyport.command("version"));
        machine.run(work, command).well();
        assertThat(Files.getAttribute(archive(home), "unix:uid")).isEqualTo(NOBODY);

        machine.environment.put("SALLYPORT_JVM_ARGS", "-XX:+PrintCommandLineFlags");
        assertThat(sallyport.run(work, "version").well().output()).contains("-XX:AOTCache=");
        machine.environment.put("XDG_CACHE_HOME", home.resolve(".cache").toString());
        assertThat(sallyport.run(work, "version").well().output()).as("with another one's archive in the right place")
                .contains("-XX:+UseSerialGC").doesNotContain("-XX:AOTCache=");
    }

    @Test
    void allThreePackagesHoldTheSame() throws Exception {
        Unpacked sallyport = new Unpacked(machine, temp.resolve("zip"));
        var zip = contents(sallyport.root);
        Files.createDirectory(temp.resolve("tar"));
        machine.run(temp.resolve("tar"), "tar", "-xzf", Built.distribution(".tar.gz").toString()).well();
        assertThat(contents(temp.resolve("tar").resolve(sallyport.root.getFileName()))).isEqualTo(zip);

        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg-deb")), "dpkg-deb is not installed");
        Path deb = Built.ROOT.resolve("dist/target/sallyport_" + Built.VERSION + "_all.deb");
        Path installed = temp.resolve("deb");
        machine.run(temp, "dpkg-deb", "-x", deb.toString(), installed.toString()).well();
        assertThat(contents(installed.resolve("usr/share/sallyport"))).isEqualTo(zip);
        assertThat(machine.run(work, installed.resolve("usr/bin/sallyport").toString(), "version").well().output())
                .contains("java 25");
        assertThat(machine.run(temp, "dpkg-deb", "-f", deb.toString(), "Depends").well().output()).contains("java25-runtime");
    }

    @Test
    void listsWhatItIsMadeOf() throws Exception {
        Unpacked sallyport = new Unpacked(machine, temp.resolve("zip"));
        String materials = Files.readString(sallyport.root.resolve("bom.json"));
        List<String> listed = Pattern.compile("\"purl\" : \"pkg:maven/[^/]+/([^@]+)@([^?]+)\\?type=jar\"")
                .matcher(materials).results().map(found -> found.group(1) + "-" + found.group(2) + ".jar").toList();
        List<String> packed = contents(sallyport.root).keySet().stream()
                .filter(name -> name.endsWith(".jar"))
                .map(name -> name.substring(name.lastIndexOf('/') + 1))
                .toList();
        assertThat(listed).containsExactlyInAnyOrderElementsOf(packed);
    }

    /** Names, sizes, and whether they can be executed. */
    private static TreeMap<String, String> contents(Path folder) throws IOException {
        TreeMap<String, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(folder.relativize(file).toString(), Files.size(file) + " " + Files.isExecutable(file));
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    private static Path archive(Path home) throws Exception {
        return archive(home.resolve(".cache/sallyport"), "start");
    }

    /** The archive that the background makes, when it is whole. */
    private static Path archive(Path cache, String folder) throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (files(cache.resolve(folder), ".aot").isEmpty() && System.nanoTime() < end) {
            Thread.sleep(100);
        }
        assertThat(files(cache.resolve(folder), ".aot")).as("archives in %s", cache).hasSize(1);
        return files(cache.resolve(folder), ".aot").getFirst();
    }
}
