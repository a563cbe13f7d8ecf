"""The whole suite from a pod of the cluster: where pods cannot be reached from here, it goes where they can be."""
