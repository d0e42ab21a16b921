"""The dashboards' source: `python -m deploy.grafana.source.write` writes them to deploy/grafana/dashboards."""
