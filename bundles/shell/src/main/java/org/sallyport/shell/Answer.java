package org.sallyport.shell;

import java.io.IOException;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.sallyport.GuestException;
import org.sallyport.SallyportException;
import org.sallyport.host.PluginUnavailableException;
import org.sallyport.host.UpdateRefusedException;

/**
 * What a command answers. Of an exception, Gogo would print "gogo", its class and its message; what an operator can do something
 * about is told in its own words instead. Anything else is a fault of ours and goes on to Gogo.
 */
final class Answer {
    private static final int FRAMES = 16;

    private Answer() {}

    /** A command, until it is told how it went. */
    @FunctionalInterface
    interface Command {
        String run() throws Throwable;
    }

    static String of(Command command) {
        try {
            return command.run();
        } catch (GuestException e) {
            return e.getMessage() + String.join("", e.backtrace(FRAMES).stream().map(line -> "\n  " + line).toList());
        } catch (SallyportException | PluginUnavailableException | UpdateRefusedException | IOException | BundleException
                | InvalidSyntaxException | IllegalArgumentException | IllegalStateException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
