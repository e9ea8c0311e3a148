/** The plugin host in plain Java, and what feeders of other kinds need. */
module org.sallyport.host {
    requires transitive org.sallyport.api;
    requires java.management;
    requires static jdk.jfr;

    uses org.sallyport.host.HostModule;

    exports org.sallyport.host;
    exports org.sallyport.host.core;
    exports org.sallyport.host.plain;
}
