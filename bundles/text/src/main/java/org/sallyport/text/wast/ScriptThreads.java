package org.sallyport.text.wast;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The threads of a script: each runs its commands on a host forked from that of the script. */
final class ScriptThreads<M, I> {
    private final Map<String, FutureTask<Report>> running = new HashMap<>();

    void start(Command.Thread command, ScriptHost<M, I> host, Registry<I> instances, String file) {
        ScriptHost<M, I> forked = host.fork();
        Registry<I> shared = new Registry<>("instance");
        for (String id : command.shared()) {
            shared.put(id, forked.share(instances.get(id)));
        }
        FutureTask<Report> task = new FutureTask<>(() -> {
            try (forked) {
                return WastRunner.run(file, command.commands(), forked, shared);
            }
        });
        running.put(command.id(), task);
        Thread.ofPlatform().daemon().name("wast-" + command.id()).start(task);
    }

    /** What the thread reports when it has ended. */
    Report await(String id) {
        FutureTask<Report> task = running.remove(id);
        if (task == null) {
            throw new IllegalStateException("no thread $" + id);
        }
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for $" + id, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("thread $" + id + " failed", e.getCause());
        }
    }
}
