package org.sallyport.itests.real;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.sallyport.Engine;
import org.sallyport.GuestExitException;
import org.sallyport.LinkedModule;
import org.sallyport.Module;
import org.sallyport.Store;
import org.sallyport.wasi.Preopen;
import org.sallyport.wasi.Wasi;
import org.sallyport.wasi.WasiProcess;

/** Runs WASI commands as a shell would. */
final class WasiCommand {
    /** What came of a run. */
    record Result(int status, String out, String err) {}

    private WasiCommand() {}

    /**
     * @param directory the guest's current directory, the only one it sees
     * @param args the first is the program's name
     */
    static Result run(Engine engine, Module module, Path directory, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Wasi wasi = Wasi.defaults()
                .withArgs(args)
                .withStdout(out)
                .withStderr(err)
                .withPreopen(new Preopen(directory, ".", Preopen.Access.READ_WRITE));
        LinkedModule program = wasi.addTo(engine.newLinker()).link(module);
        int status = 0;
        try (Store store = engine.newStore();
                WasiProcess _ = wasi.attachTo(store)) {
            program.instantiate(store).func("_start").call();
        } catch (GuestExitException exit) {
            status = exit.status();
        }
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
