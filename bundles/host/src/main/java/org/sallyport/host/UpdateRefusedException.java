package org.sallyport.host;

/** An update of a plugin was refused; what was in service before is so still. */
public final class UpdateRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient PluginUpdate update;

    public UpdateRefusedException(PluginUpdate update) {
        super(update.toString(), update.cause());
        this.update = update;
    }

    public PluginUpdate update() {
        return update;
    }
}
