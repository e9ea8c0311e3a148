package org.sallyport.itests.artefacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The zip, unpacked on a machine that has nothing else of Sallyport. */
final class Unpacked {
    private final Machine machine;
    final Path root;

    Unpacked(Machine machine, Path folder) throws IOException, InterruptedException {
        this.machine = machine;
        Files.createDirectories(folder);
        if (machine.run(folder, "unzip", "-q", Built.distribution(".zip").toString()).status() != 0) {
            machine.run(folder, Built.tool("jar"), "-xf", Built.distribution(".zip").toString()).well();
        }
        root = folder.resolve("sallyport-" + Built.VERSION);
        root.resolve("bin/sallyport").toFile().setExecutable(true, false); // jar keeps no modes, unzip does
    }

    List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        command.add(root.resolve("bin/sallyport").toString());
        command.addAll(List.of(words));
        return command;
    }

    Machine.Ran run(Path folder, String... words) throws IOException, InterruptedException {
        return machine.run(folder, command(words));
    }

    /** Until the text is among what the process says, or it ends, or a minute is over. */
    static String waitFor(String text, Process process, Path output) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        String said = Files.readString(output);
        while (!said.contains(text) && process.isAlive() && System.nanoTime() < end) {
            Thread.sleep(50);
            said = Files.readString(output);
        }
        return said;
    }
}
