"""GraphML, for programs that lay out and explore graphs, such as Gephi and yEd."""

import io

from sipscope.model.topology import Topology
from sipscope.render.escape import escaped
from sipscope.views.topology_report import topology_graph


def topology_graphml(topology: Topology) -> str:
    """A network as a GraphML document."""
    from networkx.readwrite.graphml import write_graphml_xml

    out = io.BytesIO()
    # Not `write_graphml`, whose bytes depend on whether lxml is installed.
    write_graphml_xml(topology_graph(escaped(topology)), out)
    return out.getvalue().decode() + "\n"
